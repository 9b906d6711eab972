-- Trunks with everything that belongs to them.
SELECT id, provider, area_code, trusts_asserted, outbound_caller_ids, state,
       host(host) AS host, port, priority, dial_form,
       account_user, account_number, account_domain, registers, lines,
       trunk_passwords.password,
       ARRAY(SELECT network::text FROM trunk_addresses WHERE trunk = id ORDER BY network)
           AS addresses,
       ARRAY(SELECT area::text FROM trunk_areas WHERE trunk = id ORDER BY area) AS areas
FROM trunks LEFT JOIN trunk_passwords ON trunk_passwords.trunk = id ORDER BY id
