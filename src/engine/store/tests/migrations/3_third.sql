-- Rebuilds a table because SQLite cannot change a column's type: the price becomes a number of cents. The index and the
-- trigger are dropped along with the old table and then created again.
CREATE TABLE purchase_rebuilt (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customer(id),
  cents INTEGER NOT NULL CHECK (cents >= 0)
) STRICT;
INSERT INTO purchase_rebuilt (id, customer_id, cents)
  SELECT id, customer_id, CAST(round(price * 100) AS INTEGER) FROM purchase;
DROP TABLE purchase;
ALTER TABLE purchase_rebuilt RENAME TO purchase;
CREATE INDEX purchase_of_customer ON purchase(customer_id);
CREATE TRIGGER purchase_is_counted AFTER INSERT ON purchase BEGIN
  UPDATE customer SET purchases = purchases + 1 WHERE id = new.customer_id;
END;
UPDATE customer SET name = name || '; -- a customer''s name';
