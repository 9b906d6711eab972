-- What an emergency needs of one elder: where and how to come in, health, whom to call.
SELECT jsonb_build_object(
    'id', elders.id, 'name', elders.name, 'sex', sex, 'born', born,
    'living', living, 'status', status,
    'district', district, 'street', street, 'estate', estate, 'building', building, 'room', room,
    'phones', phones, 'terminal', terminal,
    'entrance', entrance, 'gate_code', gate_code, 'key_place', key_place, 'route', route,
    'lift', lift, 'latitude', latitude, 'longitude', longitude,
    'blood_group', blood_group, 'rhesus', rhesus, 'history', history, 'allergies', allergies,
    'medication', medication, 'mobility', mobility, 'hearing', hearing, 'speech', speech,
    'cognition', cognition, 'hospital', hospital, 'insurance', insurance,
    'languages', languages, 'pets', pets, 'notes', notes,
    'helper_name', helper_name, 'helper_phone', helper_phone,
    'contacts', coalesce(
        (SELECT jsonb_agg(
            jsonb_build_object('grade', grade, 'name', name, 'relation', relation,
                               'phones', phones, 'distance_m', distance_m, 'has_key', has_key)
            ORDER BY grade)
         FROM contacts WHERE elder = elders.id),
        '[]'),
    'organisations', coalesce(
        (SELECT jsonb_agg(
            jsonb_build_object('kind', kind, 'name', organisations.name, 'phone', phone)
            ORDER BY kind)
         FROM organisations
         WHERE organisations.id IN (committee, property, service_centre, district_office)),
        '[]'))::text
FROM elders
WHERE elders.id = $1
