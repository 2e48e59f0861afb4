-- What the visitor thought of it, when he said so.
ALTER TABLE chat ADD COLUMN rating TEXT COLLATE "C" CHECK (rating IN ('good', 'bad'));
