"""A second, deliberately naive reading of Conditional Access: one sign-in at a time, straight from Graph's own JSON.

Nothing here is shared with `govcheck.access`: what both have in common comes from the contract's words and from
Microsoft's documentation. Written to be obviously right, not fast.

`truth` is three-valued logic; `people`, `places`, `applications` and `device_filter` decide the conditions that take
more than a line; `conditions` says whether a policy matches a sign-in; `evaluator` gives the answer. `space` lists
every sign-in of a small tenant, with `device_states`, and reads the effective columns off it; `boxes` holds rows of
`sign_in_paths` against it.

`tenants` and `signins` invent input out of `pools`, `policies` and `filters`; `tricky_cases` reads the table of named
cases; `shrink` makes a disagreement small enough to read; `product` is the only module that touches the real program.
"""
