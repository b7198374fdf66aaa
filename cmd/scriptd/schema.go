package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// property returns the schema of one parameter, nil where the schema says nothing about it.
func property(schema map[string]any, name string) map[string]any {
	props, _ := schema["properties"].(map[string]any)
	prop, _ := props[name].(map[string]any)
	return prop
}

// types returns the JSON types that a schema allows; none where it does not say.
func types(schema map[string]any) []string { return stringList(schema["type"]) }

// stringList reads a string or a list of them, as schemas have them.
func stringList(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var list []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				list = append(list, s)
			}
		}
		return list
	default:
		return nil
	}
}

// schemaRows is a table of the parameters: name, type, whether it has to be given, what it means.
func schemaRows(schema map[string]any) [][]string {
	props, _ := schema["properties"].(map[string]any)
	required := stringList(schema["required"])
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(props)) {
		prop := property(schema, name)
		need := "optional"
		if def, ok := prop["default"]; ok {
			need = "default " + compact(def)
		} else if slices.Contains(required, name) {
			need = "required"
		}
		doc, _ := prop["description"].(string)
		rows = append(rows, []string{"  " + name, orDash(strings.Join(types(prop), "|")), need, doc})
	}
	return rows
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
