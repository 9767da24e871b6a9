CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name varchar(80) NOT NULL,
  newsletter boolean NOT NULL DEFAULT false,
  joined date
);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer bigint NOT NULL REFERENCES customers (id),
  total numeric(10, 2) NOT NULL,
  placed timestamptz NOT NULL
);
