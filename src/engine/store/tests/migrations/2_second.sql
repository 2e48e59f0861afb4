-- Adds a column that is filled from existing rows, adds a trigger that maintains it, and rewrites values. Each of these
-- changes must be applied exactly once.
ALTER TABLE customer ADD COLUMN purchases INTEGER NOT NULL DEFAULT 0;
UPDATE customer SET purchases = (SELECT count(*) FROM purchase WHERE purchase.customer_id = customer.id);
CREATE TRIGGER purchase_is_counted AFTER INSERT ON purchase BEGIN
  UPDATE customer SET purchases = purchases + 1 WHERE id = new.customer_id;
END;
INSERT INTO purchase (customer_id, price) SELECT id, '0' FROM customer;
UPDATE purchase SET price = price || '.50';
