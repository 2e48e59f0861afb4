-- How a visitor can be answered who is gone, and who said so.
ALTER TABLE visitor ADD COLUMN email TEXT;
ALTER TABLE visitor ADD COLUMN email_from TEXT CHECK (email_from IN ('visitor','agent'));

-- Nobody was free for long: the visitor is offered the message form. And when he has left his e-mail in it.
ALTER TABLE chat ADD COLUMN form_offered_at INTEGER;
ALTER TABLE chat ADD COLUMN contact_left_at INTEGER;

-- The entry changes what the message of its author there says, or takes it away. What was taken away has no text any more.
ALTER TABLE entry ADD COLUMN of_seq INTEGER;
ALTER TABLE entry ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
