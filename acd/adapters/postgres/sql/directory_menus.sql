-- Menus with what their keys lead to.
SELECT id, prompt, otherwise, otherwise_target, answer_ms, tries_max,
       ARRAY(SELECT key FROM menu_choices WHERE menu = id ORDER BY key) AS keys,
       ARRAY(SELECT leads_to FROM menu_choices WHERE menu = id ORDER BY key) AS leads,
       ARRAY(SELECT target FROM menu_choices WHERE menu = id ORDER BY key) AS targets
FROM menus ORDER BY id
