-- What an emergency needs of one elder: where and how to come in, health, whom to call; and over what
-- the directory says what agents have noted since, unless the directory says something else by now.
-- Then who has gone through all of it last.
WITH filed AS (
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
        'contacts', filed_contacts(elders.id),
        'organisations', coalesce(
            (SELECT jsonb_agg(
                jsonb_build_object('kind', kind, 'name', organisations.name, 'phone', phone)
                ORDER BY kind)
             FROM organisations
             WHERE organisations.id IN (committee, property, service_centre, district_office)),
            '[]')) AS words
    FROM elders
    WHERE elders.id = $1
), newest AS (
    SELECT DISTINCT ON (field) field, filed, noted, agent, at, case_id FROM elder_changes
    WHERE elder = $1
    ORDER BY field, change_id DESC
), standing AS (
    SELECT newest.* FROM newest JOIN filed ON newest.filed = filed.words -> newest.field
)
SELECT (filed.words
        || coalesce((SELECT jsonb_object_agg(field, noted) FROM standing), '{}')
        || jsonb_build_object('noted', coalesce(
            (SELECT jsonb_agg(jsonb_build_object('field', field, 'agent', agent, 'at', at,
                                                 'case', case_id) ORDER BY field)
             FROM standing), '[]'))
        || jsonb_build_object('verified', (
            SELECT jsonb_build_object('at', at, 'agent', agent, 'call', call_id,
                                      'contacts', contacts)
            FROM elder_verifications WHERE elder = $1
            ORDER BY verification_id DESC LIMIT 1)))::text
FROM filed
