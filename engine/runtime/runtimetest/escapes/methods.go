package escapes

// methods are ways to find a guarded method, or function, without writing down what it belongs to.
var methods = []escape{
	fetching("an interface of its own", "", `var c interface { Get(string) (*http.Response, error) } = &http.Client{}; return text(c.Get("http://DENIED/"))`),
	fetching("a promoted method", "", `c := struct{ *http.Client }{&http.Client{}}; return text(c.Get("http://DENIED/"))`),
	fetching("a promoted method by reflection", "reflect", `out := reflect.ValueOf(client{&http.Client{}}).MethodByName("Get").Call([]reflect.Value{reflect.ValueOf("http://DENIED/")})
	err, _ := out[1].Interface().(error); res, _ := out[0].Interface().(*http.Response); return text(res, err)`),
	fetching("a field by reflection", "reflect", `out := reflect.ValueOf(client{&http.Client{}}).Field(0).MethodByName("Get").Call([]reflect.Value{reflect.ValueOf("http://DENIED/")})
	err, _ := out[1].Interface().(error); res, _ := out[0].Interface().(*http.Response); return text(res, err)`),
	fetching("a method of a type by reflection", "reflect", `m, _ := reflect.TypeOf(&http.Client{}).MethodByName("Get")
	out := m.Func.Call([]reflect.Value{reflect.ValueOf(&http.Client{}), reflect.ValueOf("http://DENIED/")})
	err, _ := out[1].Interface().(error); res, _ := out[0].Interface().(*http.Response); return text(res, err)`),
	fetching("a method as a value, by reflection", "reflect", `get := reflect.ValueOf(&http.Client{}).MethodByName("Get").Interface().(func(string) (*http.Response, error)); return text(get("http://DENIED/"))`),
	fetching("an element by reflection", "reflect", `v := reflect.ValueOf(map[string]any{"c": &http.Client{}}).MapIndex(reflect.ValueOf("c")).Elem()
	out := v.MethodByName("Get").Call([]reflect.Value{reflect.ValueOf("http://DENIED/")})
	err, _ := out[1].Interface().(error); res, _ := out[0].Interface().(*http.Response); return text(res, err)`),
	fetching("a function by reflection", "reflect", `out := reflect.ValueOf(http.Get).Call([]reflect.Value{reflect.ValueOf("http://DENIED/")})
	err, _ := out[1].Interface().(error); res, _ := out[0].Interface().(*http.Response); return text(res, err)`),
	fetching("a type parameter", "", `return text(get(&http.Client{}))`),
	fetching("a method expression", "", `f := (*http.Client).Get; return text(f(&http.Client{}, "http://DENIED/"))`),
	fetching("a method expression of an interface", "", `return text(getter.Get(&http.Client{}, "http://DENIED/"))`),
	fetching("a deferred call", "", `res, err := late(); return text(res, err)`),
	executing("a method in a text/template", "text/template", `{{.Get "http://DENIED/"}}`, `&http.Client{}`),
	executing("a method in an html/template", "html/template", `{{.Get "http://DENIED/"}}`, `&http.Client{}`),
	executing("an element in a template", "text/template", `{{(index . "c").Get "http://DENIED/"}}`, `map[string]any{"c": &http.Client{}}`),
	executing("a field in a template", "text/template", `{{.C.Get "http://DENIED/"}}`, `struct{ C *http.Client }{&http.Client{}}`),
	executing("a field of an interface in a template", "text/template", `{{.C.RoundTrip .R}}`, `struct{ C http.RoundTripper; R *http.Request }{&http.Transport{}, request()}`),
	executing("a promoted method in a template", "text/template", `{{.Get "http://DENIED/"}}`, `client{&http.Client{}}`),
	executing("a function in a template", "text/template", `{{call .F "http://DENIED/"}}`, `struct{ F any }{http.Get}`),
	executing("a range in a template", "html/template", `{{range .}}{{.Get "http://DENIED/"}}{{end}}`, `[]*http.Client{{}}`),
}

// executing is an escape that makes a request by a template.
func executing(name, pkg, text, data string) escape {
	e := fetching(name, pkg+" strings", `var b strings.Builder
	t := template.Must(template.New("x").Parse(`+"`"+text+"`"+`))
	if err := t.Execute(&b, `+data+`); err != nil { return "", err }
	return "reached", nil`)
	e.want = ""
	return e
}
