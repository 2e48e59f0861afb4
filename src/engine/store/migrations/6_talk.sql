-- How a visitor can be answered who is gone, and who said so.
ALTER TABLE visitor ADD COLUMN email TEXT;
ALTER TABLE visitor ADD COLUMN email_from TEXT CHECK (email_from IN ('visitor','agent'));

-- Nobody was free for long: the visitor is offered the message form. And when he has left his e-mail in it.
ALTER TABLE chat ADD COLUMN form_offered_at INTEGER;
ALTER TABLE chat ADD COLUMN contact_left_at INTEGER;
