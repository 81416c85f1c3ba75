"""The JSON Schemas that people's editors read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from govcheck.catalogue import tables
from govcheck.diagnostics import GovcheckError
from govcheck.policy import KINDS, bundled
from govcheck.policy.schema import patterns
from govcheck.shipped import shipped
from govcheck.source import load

SCHEMAS = shipped("schemas")
FILES = ("common", *(kind.lower() for kind in KINDS))
PACKS = sorted(shipped("policies").rglob("*.yaml"))


def read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return schema


def parts(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside a schema, with where it stands; examples are no schemas."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from parts(item, f"{path}[{index}]")
    elif isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            if key in ("properties", "$defs", "patternProperties"):
                for name, inner in value.items():
                    yield from parts(inner, f"{path}.{name}")
            elif key not in ("examples", "default", "enum", "const", "required"):
                yield from parts(value, f"{path}.{key}")


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_valid_draft_2020_12(name: str) -> None:
    assert read(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(read(name))


def test_the_check_enum_lists_the_tables_of_the_catalogue() -> None:
    listed = read("policy")["$defs"]["rule"]["properties"]["check"]["anyOf"][0]["enum"]
    assert listed == sorted(name for name, table in tables().items() if not table.hidden)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_explains_itself_in_an_editor(kind: str) -> None:
    schema = bundled(kind)
    keys = {
        f"{path}.{key}": {**(schema["$defs"][inner["$ref"].rpartition("/")[2]] if "$ref" in inner else {}), **inner}
        for path, part in parts(schema)
        for key, inner in part.get("properties", {}).items()
    }
    assert len(keys) > 10
    languages = (".nl", ".en")
    unexplained = [
        path
        for path, key in keys.items()
        if not (key.get("title") and key.get("description"))
        or not ({"examples", "enum", "const"} & set(key) or path.endswith(languages))
    ]
    assert unexplained == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_mapping_with_keys_refuses_others_except_those_of_ones_own(kind: str) -> None:
    objects = {path: part for path, part in parts(bundled(kind)) if "properties" in part}
    assert objects
    for path, part in objects.items():
        assert (path, part.get("additionalProperties"), part.get("patternProperties")) == (path, False, {"^x-": {}})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_the_same_header(kind: str) -> None:
    header = read("common")["$defs"]["document"]["properties"]
    assert set(header) <= set(bundled(kind)["properties"])
    assert {"apiVersion", "kind", "id"} <= set(bundled(kind)["required"])


def test_the_required_keys_of_a_policy_and_a_rule_are_those_of_the_contract() -> None:
    policy = bundled("Policy")
    assert policy["required"] == ["apiVersion", "kind", "id", "title", "owner", "version", "rules"]
    assert policy["$defs"]["rule"]["required"] == ["id", "title", "severity", "check", "expect"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_refers_to_nothing_outside_itself(kind: str) -> None:
    schema = bundled(kind)
    references = [part["$ref"] for _, part in parts(schema) if "$ref" in part]
    assert references
    assert all(reference.removeprefix("#/$defs/") in schema["$defs"] for reference in references)


@pytest.mark.parametrize("name", [kind.lower() for kind in KINDS])
def test_definitions_of_a_kind_do_not_hide_common_ones(name: str) -> None:
    assert not set(read(name)["$defs"]) & set(read("common")["$defs"])


@pytest.mark.parametrize("name", ["policy", "POLICY", "RaciMatrix", "racimatrix", "remotework"])
def test_a_kind_is_found_whatever_its_case(name: str) -> None:
    assert bundled(name)["title"]


def test_a_kind_that_does_not_exist_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(GovcheckError) as problem:
        bundled("polcy")
    assert "`Policy`" in problem.value.diagnostics[0].helps[0].in_lang("en")


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_of_text_can_be_named_in_a_message(kind: str) -> None:
    used = {part["pattern"] for _, part in parts(bundled(kind)) if "pattern" in part}
    assert used <= set(patterns())


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_in_a_schema_satisfy_it(kind: str) -> None:
    schema = bundled(kind)
    checked = 0
    for _, part in parts(schema):
        for example in part.get("examples", ()):
            Draft202012Validator({**part, "$defs": schema["$defs"]}).validate(example)
            checked += 1
    assert checked > 10


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_shipped_policies_satisfy_the_files_as_an_editor_resolves_them(pack: Path) -> None:
    base = "https://editor.test/schemas/"
    files = [(f"{base}{name}.schema.json", Resource.from_contents(read(name))) for name in FILES]
    registry: Registry[Any] = Registry().with_resources(files)
    nodes, faults = load(pack.name, pack.read_bytes())
    assert faults == []
    for node in nodes:
        document = node.plain()
        schema = {"$ref": f"{base}{document['kind'].lower()}.schema.json"}
        assert [
            problem.message for problem in Draft202012Validator(schema, registry=registry).iter_errors(document)
        ] == []
