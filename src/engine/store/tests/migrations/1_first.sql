-- Migrations used only in tests. The database is filled after this one, and the next ones upgrade its rows.
CREATE TABLE customer (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE purchase (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customer(id),
  price TEXT NOT NULL
) STRICT;
CREATE INDEX purchase_of_customer ON purchase(customer_id);
