-- What an agent likes to see of the board, on every device of his.

CREATE TABLE preference (
  agent_id TEXT PRIMARY KEY NOT NULL REFERENCES agent(id),
  -- The columns that he does not want, a word each with spaces between.
  hidden TEXT NOT NULL,
  dense INTEGER NOT NULL
) STRICT;

CREATE TABLE saved_view (
  agent_id TEXT NOT NULL REFERENCES agent(id),
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  status TEXT,
  concierge_id TEXT REFERENCES concierge(id),
  search TEXT NOT NULL,
  sorted_by TEXT NOT NULL,
  reversed INTEGER NOT NULL,
  PRIMARY KEY (agent_id, place),
  UNIQUE (agent_id, name)
) STRICT;
