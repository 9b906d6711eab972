SELECT directory_part_moved('contacts', 'care'), directory_part_moved('organisations', 'care');
DROP FUNCTION directory_part_moved;
ALTER TABLE terminals DROP COLUMN area;
