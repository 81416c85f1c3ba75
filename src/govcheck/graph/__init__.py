"""The only room that talks to Microsoft Graph.

`auth.sign_in` gives a source, `collect.collect_snapshot` reads a source into a snapshot; `demo.DemoSource` is a
source that needs no network. The SDK and its friends load with `collect` and `client`, never before.
"""
