-- How many of a visitor's messages nobody has read is asked with every message: of this alone, without looking at one of them.
-- The last two columns are in it for that: what is compared must be.
CREATE INDEX entry_of_visitor ON entry(chat_id, seq, author, of_seq) WHERE author = 'visitor' AND of_seq IS NULL;
