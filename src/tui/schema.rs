//! JSON schemas of the files that people write for the UI, from the registry of commands and the roles: an editor with
//! a TOML language server (taplo) completes and checks by them. `UPDATE_SCHEMAS=1 cargo test schema` writes them.

use serde_json::{Map, Value, json};

use super::command::{self, Argument};
use super::keymap::Table;
use super::theme;

const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

fn object(properties: &Map<String, Value>) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn keymap() -> Value {
    let lines: Vec<Value> =
        command::entries().map(|entry| json!({ "const": entry.name, "description": entry.doc })).collect();
    let longer: Vec<&str> =
        command::entries().filter(|entry| entry.argument != Argument::None).map(|entry| entry.name).collect();
    let command = json!({
        "description": "a command, as the `:` line takes it",
        "anyOf": [{ "oneOf": lines }, { "type": "string", "pattern": format!("^({}) .+", longer.join("|")) }],
    });
    let choice = json!({
        "type": "object",
        "required": ["run"],
        "additionalProperties": false,
        "properties": {
            "run": { "$ref": "#/definitions/command" },
            "desc": { "type": "string", "maxLength": 60, "description": "what the help calls it" },
            "when": { "type": "string", "description": "conditions joined by &&, with ! for not" },
        },
    });
    let one = json!({ "anyOf": [{ "$ref": "#/definitions/command" }, { "$ref": "#/definitions/choice" }] });
    let binding = json!({
        "anyOf": [
            { "const": false, "description": "nothing, here and in wider tables" },
            { "$ref": "#/definitions/one" },
            { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/one" } },
        ],
    });
    let tables = Table::all().map(|table| {
        let keys = json!({
            "description": table.doc(),
            "type": "object",
            "additionalProperties": { "$ref": "#/definitions/binding" },
        });
        (table.name().to_owned(), keys)
    });
    let names: Vec<&str> = super::keymap::Source::names().chain(["none"]).collect();
    let mut properties = Map::new();
    properties.insert("extends".into(), json!({ "enum": names, "default": "default" }));
    properties.extend(tables);
    let mut schema = object(&properties);
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A keymap of xt".into();
    schema["definitions"] = json!({ "command": command, "choice": choice, "one": one, "binding": binding });
    schema
}

fn theme() -> Value {
    let groups = |map: &mut Map<String, Value>| {
        for (group, roles) in theme::GROUPS {
            let style = |(name, _): &(&str, theme::Role)| {
                ((*name).to_owned(), json!({ "$ref": "#/definitions/style" }))
            };
            map.insert(group.into(), object(&roles.iter().map(style).collect()));
        }
        map.insert("palette".into(), json!({ "$ref": "#/definitions/palette" }));
    };
    let mut section = Map::new();
    groups(&mut section);
    let section = object(&section);
    let mut glyphs: Map<String, Value> = theme::Glyphs::NAMES
        .map(|name| (name.to_owned(), json!({ "type": "string", "maxLength": 1 })))
        .into_iter()
        .collect();
    glyphs.insert("set".into(), json!({ "enum": ["unicode", "ascii"] }));
    let mut properties = Map::new();
    properties.insert("about".into(), json!({ "type": "string", "maxLength": 72 }));
    properties.insert("inherits".into(), json!({ "type": "string", "default": "default" }));
    properties.insert("background".into(), json!({ "enum": ["dark", "light"] }));
    groups(&mut properties);
    properties.insert("glyphs".into(), object(&glyphs));
    properties.insert("dark".into(), json!({ "$ref": "#/definitions/section" }));
    properties.insert("light".into(), json!({ "$ref": "#/definitions/section" }));
    let names: Vec<&str> = theme::COLOURS.iter().map(|(name, _)| *name).collect();
    let colour = json!({
        "anyOf": [
            { "enum": names },
            { "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" },
            { "type": "integer", "minimum": 0, "maximum": 255 },
            { "type": "string", "description": "a colour of the palette", "pattern": "^[^#]" },
        ],
    });
    let mut style: Map<String, Value> = ["fg", "bg"]
        .map(|name| (name.to_owned(), json!({ "$ref": "#/definitions/colour" })))
        .into_iter()
        .collect();
    style.extend(theme::MODIFIERS.map(|(name, _)| (name.to_owned(), json!({ "type": "boolean" }))));
    let style = json!({ "anyOf": [{ "$ref": "#/definitions/colour" }, object(&style)] });
    let palette = json!({ "type": "object", "additionalProperties": { "$ref": "#/definitions/colour" } });
    let mut schema = object(&properties);
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A theme of xt".into();
    schema["definitions"] =
        json!({ "colour": colour, "style": style, "palette": palette, "section": section });
    schema
}

// Proves C1 (keymaps and themes are checked, in the editor too).
#[test]
fn the_schemas_are_up_to_date_and_the_shipped_files_name_them() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, schema, folder) in [("keymap", keymap(), "keymaps"), ("theme", theme(), "themes")] {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let file = root.join(format!("assets/schemas/{name}.json"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == text, "{name}.json is old: UPDATE_SCHEMAS=1 cargo test schema");
        let line = format!("#:schema ../assets/schemas/{name}.json\n");
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            assert!(std::fs::read_to_string(&path).unwrap().starts_with(&line), "{}", path.display());
        }
    }
}
