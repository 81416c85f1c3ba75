"""A second, deliberately naive reading of the contract, to hold the real program against.

Nothing here knows SQL, and nothing here is shared with `govcheck.expr` or `govcheck.engine`: what both readings
have in common comes from the contract's words and from the catalogue. Written to be obviously right, not fast.

`world` says what rows hold and which rows belong to a row, `nodes` what an expression is worth, `parser` how it
reads, `language` ties the three together; `outcomes` judges rows, units and rules; `strategies` invents input;
`adapter` is the only module that touches the real program.
"""
