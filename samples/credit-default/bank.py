"""Fills the table `loans` of the bank that the demo plays: python3 bank.py DSN. Does nothing where it is filled."""

import io
import sys

import numpy
import pandas
import psycopg2

ROWS = 20_000
TABLE = """
CREATE TABLE IF NOT EXISTS loans (
    loan_amount    integer     NOT NULL CHECK (loan_amount > 0),
    income         integer     NOT NULL CHECK (income > 0),
    credit_score   smallint    NOT NULL CHECK (credit_score BETWEEN 300 AND 850),
    age            smallint    NOT NULL CHECK (age >= 18),
    loan_term      smallint    NOT NULL,
    default_status smallint    NOT NULL CHECK (default_status IN (0, 1)),
    created_at     timestamptz NOT NULL
)
"""


def loans():
    """Loans whose default depends on all features, and on luck. About half of them default."""
    chance = numpy.random.default_rng(2024)
    income = chance.lognormal(10.8, 0.45, ROWS).clip(12_000, 400_000).round(-2).astype(int)
    loan_amount = (income * chance.uniform(0.1, 1.6, ROWS)).clip(1_000, 300_000).round(-2).astype(int)
    credit_score = chance.normal(660, 85, ROWS).clip(300, 850).round().astype(int)
    age = chance.integers(21, 71, ROWS)
    loan_term = chance.choice([12, 24, 36, 48, 60], ROWS)

    risk = (
        2.6 * (loan_amount / income - 0.85)
        - 2.2 * (credit_score - 660) / 85
        - 0.5 * (income - 55_000) / 30_000
        - 0.3 * (age - 45) / 15
        + 0.4 * (loan_term - 36) / 17
    )
    default_status = (risk + chance.logistic(0, 1, ROWS) > 0).astype(int)
    created_at = pandas.date_range("2022-01-01", periods=ROWS, freq="47min", tz="UTC")
    return pandas.DataFrame({
        "loan_amount": loan_amount, "income": income, "credit_score": credit_score, "age": age,
        "loan_term": loan_term, "default_status": default_status, "created_at": created_at,
    })


def main(dsn):
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute("LOCK loans IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SELECT count(*) FROM loans")
        if cursor.fetchone()[0] == ROWS:
            return
        table = loans()
        cursor.execute("TRUNCATE loans")
        cursor.copy_expert("COPY loans FROM STDIN WITH (FORMAT csv)", io.StringIO(table.to_csv(index=False, header=False)))
    print(f"{ROWS} loans, {table['default_status'].mean():.0%} of them in default")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: bank.py DSN")
    main(sys.argv[1])
