package config_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/config"
)

// write makes scriptd.yaml in a folder of its own, which becomes the working directory.
func write(t *testing.T, content string) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if err := os.WriteFile("scriptd.yaml", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// source is the begin of a file that is sound up to here, for what follows on line 4.
const source = `sources:
  - name: team
    filesystem: {path: plugins}
`

func TestBadFiles(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		// Not YAML.
		"empty":            {"", "scriptd.yaml: the file is empty: a first one is \"sources: [{name: plugins, filesystem: {path: plugins}}]\""},
		"only comments":    {"# nothing\n---\n", "scriptd.yaml: the file is empty: a first one is \"sources: [{name: plugins, filesystem: {path: plugins}}]\""},
		"bracket":          {"sources: [\n", "scriptd.yaml:1:10: not YAML: sequence end token ']' not found"},
		"stray bracket":    {"isolation: }\n" + source, "scriptd.yaml:1:12: isolation: } begins with a bracket or comma that belongs to nothing"},
		"indentation":      {"sources:\n  - name: x\n   filesystem: {}\n", "scriptd.yaml:3:4: not YAML: value is not allowed in this context"},
		"tab":              {"sources:\n\t- name: x\n", "scriptd.yaml:2:1: not YAML: found character '\t' that cannot start any token"},
		"binary":           {"a: 1\nb: \xff\n", "scriptd.yaml:2:4: not YAML: the file is not text in UTF-8"},
		"control":          {"a: 1\nb: \x00\n", "scriptd.yaml:2:4: not YAML: the file is not text in UTF-8"},
		"two documents":    {source + "---\n" + source, "scriptd.yaml:5:1: a second YAML document: a configuration is one"},
		"a list":           {"- a\n", "scriptd.yaml:1:1: configuration: want a mapping, got a list"},
		"a word":           {"scriptd\n", "scriptd.yaml:1:1: configuration: want a mapping, got a string"},
		"merge key":        {"<<: {a: 1}\n" + source, "scriptd.yaml:1:1: merge keys are not supported: write the keys out"},
		"unknown alias":    {"listen: *here\n" + source, "scriptd.yaml:1:9: *here: there is no anchor &here"},
		"alias of itself":  {"cache: &a {dir: *a}\n" + source, "scriptd.yaml:1:11: dir: want a string, got a mapping"},
		"endless alias":    {source + "    packages:\n      - path: .\n        config: &a {b: *a}\n", "scriptd.yaml:6:24: b: nested too deep, or too large"},
		"anchor twice":     {"listen: &a x:1\nisolation: &a none\n" + source, "scriptd.yaml:2:12: anchor &a is there twice"},
		"tag":              {"listen: !!str 5\n" + source, "scriptd.yaml:1:9: listen: tags are not supported: leave !!str out"},
		"key is no string": {"5: x\n" + source, "scriptd.yaml:1:1: key 5 is not a string: put it in quotes"},

		// Keys.
		"near key":             {"sorces:\n  - name: x\n", "scriptd.yaml:1:1: unknown key \"sorces\": did you mean \"sources\"?"},
		"far key":              {source + "version: 1\n", "scriptd.yaml:4:1: unknown key \"version\": the keys here are cache, role, isolation, listen and sources"},
		"camel case key":       {source + "    limits: {fileBytes: 1}\n", "scriptd.yaml:4:14: unknown key \"fileBytes\": did you mean \"file_bytes\"?"},
		"dash in key":          {source + "    limits: {path-bytes: 1}\n", "scriptd.yaml:4:14: unknown key \"path-bytes\": did you mean \"path_bytes\"?"},
		"near key in a source": {source + "    intervall: 1m\n", "scriptd.yaml:4:5: unknown key \"intervall\": did you mean \"interval\"?"},
		"twice":                {"listen: :1\nlisten: :2\n" + source, "scriptd.yaml:2:1: key \"listen\" is there twice: it is in line 1 too"},
		"twice in quotes":      {source + "    dir: a\n    \"dir\": b\n", "scriptd.yaml:5:5: key \"dir\" is there twice: it is in line 4 too"},

		// Sources.
		"no sources":        {"listen: :1\n", "scriptd.yaml:1:1: configuration: sources is missing"},
		"sources no list":   {"sources: {name: x}\n", "scriptd.yaml:1:10: sources: want a list, got a mapping"},
		"source no mapping": {"sources: [x]\n", "scriptd.yaml:1:11: sources[0]: want a mapping, got a string"},
		"no name":           {"sources:\n  - filesystem: {path: x}\n", "scriptd.yaml:2:5: sources[0]: name is missing"},
		"empty source":      {"sources:\n  -\n", "scriptd.yaml:2:5: sources[0]: name is missing\nscriptd.yaml:2:5: the source has no kind: add filesystem, git or s3"},
		"bad name":          {"sources:\n  - name: My Team\n    filesystem: {path: x}\n", "scriptd.yaml:2:11: name: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit, got \"My Team\""},
		"number as name":    {"sources:\n  - name: 7\n    filesystem: {path: x}\n", "scriptd.yaml:2:11: name: want a string, got the number 7: put it in quotes"},
		"no name but key":   {"sources:\n  - name:\n    filesystem: {path: x}\n", "scriptd.yaml:2:10: name: want a string, got nothing"},
		"same name":         {source + "  - filesystem: {path: y}\n    name: team\n", "scriptd.yaml:5:11: name: \"team\" is the name of the source in line 2 too"},
		"no kind":           {"sources:\n  - name: x\n", "scriptd.yaml:2:5: the source has no kind: add filesystem, git or s3"},
		"two kinds":         {source + "    s3: {bucket: b}\n", "scriptd.yaml:4:5: a source is of one kind: this one has filesystem and s3"},
		"one unknown key":   {"sources:\n  - {}\n  - nam: x\n", "scriptd.yaml:2:5: sources[0]: name is missing\nscriptd.yaml:2:5: the source has no kind: add filesystem, git or s3\nscriptd.yaml:3:5: unknown key \"nam\": did you mean \"name\"?"},
		"unknown kind":      {"sources:\n  - name: x\n    svn: {url: y}\n", "scriptd.yaml:3:5: unknown key \"svn\": the kinds of a source are filesystem, git and s3"},
		"near kind":         {"sources:\n  - name: x\n    gti: {url: y}\n", "scriptd.yaml:3:5: unknown key \"gti\": did you mean \"git\"?"},
		"no path":           {"sources:\n  - name: x\n    filesystem: {}\n", "scriptd.yaml:3:17: filesystem: path is missing"},
		"nothing in a kind": {"sources:\n  - name: x\n    filesystem:\n", "scriptd.yaml:3:17: filesystem: path is missing"},
		"empty path":        {"sources:\n  - name: x\n    filesystem: {path: \"\"}\n", "scriptd.yaml:3:24: path: the path is empty"},
		"misspelt path":     {"sources:\n  - name: x\n    filesystem: {paht: x}\n", "scriptd.yaml:3:18: unknown key \"paht\": did you mean \"path\"?"},
		"dir above":         {source + "    dir: ../x\n", "scriptd.yaml:4:10: dir: want a folder of the source, with slashes, got \"../x\""},
		"rooted dir":        {source + "    dir: /x\n", "scriptd.yaml:4:10: dir: want a folder of the source, with slashes, got \"/x\""},
		"dir of Windows":    {source + "    dir: a\\b\n", "scriptd.yaml:4:10: dir: want a folder of the source, with slashes, got \"a\\\\b\""},

		// Values.
		"interval no duration":  {source + "    interval: soon\n", "scriptd.yaml:4:15: interval: want a duration such as 30s or 5m, got \"soon\""},
		"interval a number":     {source + "    interval: 30\n", "scriptd.yaml:4:15: interval: want a duration such as 30s or 5m, got the number 30"},
		"interval negative":     {source + "    interval: -1s\n", "scriptd.yaml:4:15: interval: want a duration such as 30s or 5m, got \"-1s\""},
		"timeout zero":          {source + "    timeout: 0s\n", "scriptd.yaml:4:14: timeout: want a duration such as 30s or 5m, got \"0s\""},
		"insecure no bool":      {source + "    insecure: yes\n", "scriptd.yaml:4:15: insecure: want true or false, got \"yes\""},
		"insecure in quotes":    {source + "    insecure: 'true'\n", "scriptd.yaml:4:15: insecure: want true or false, got \"true\""},
		"limit no number":       {source + "    limits: {files: many}\n", "scriptd.yaml:4:21: files: want a whole number above 0, got \"many\""},
		"limit zero":            {source + "    limits: {files: 0}\n", "scriptd.yaml:4:21: files: want a whole number above 0, got the number 0"},
		"limit a fraction":      {source + "    limits: {bytes: 1e3}\n", "scriptd.yaml:4:21: bytes: want a whole number above 0, got the number 1e3"},
		"limit unclear":         {source + "    limits: {bytes: 0777}\n", "scriptd.yaml:4:21: bytes: 0777 is read differently by different versions of YAML: put it in quotes, or write a plain number"},
		"limit a list":          {source + "    limits: {files: [1]}\n", "scriptd.yaml:4:21: files: want a whole number above 0, got a list"},
		"memory no size":        {source + "    limits: {memory: 1 potato}\n", "scriptd.yaml:4:22: memory: want a size such as 256MiB or 1GB, or none, got \"1 potato\""},
		"memory zero":           {source + "    limits: {memory: 0}\n", "scriptd.yaml:4:22: memory: want a size such as 256MiB or 1GB, or none, got the number 0"},
		"memory below zero":     {source + "    limits: {memory: -1}\n", "scriptd.yaml:4:22: memory: want a size such as 256MiB or 1GB, or none, got the number -1"},
		"output too large":      {source + "    limits: {output: 9999999999TB}\n", "scriptd.yaml:4:22: output: want a size such as 256MiB or 1GB, or none, got \"9999999999TB\""},
		"cpu below zero":        {source + "    limits: {cpu: -0.5}\n", "scriptd.yaml:4:19: cpu: want a number of cores above 0, such as 0.5, or none, got the number -0.5"},
		"processes zero":        {source + "    limits: {processes: 0}\n", "scriptd.yaml:4:25: processes: want a whole number above 0, or none, got the number 0"},
		"tree limit of package": {source + "    packages:\n      - {path: a, limits: {files: 1}}\n", "scriptd.yaml:5:28: unknown key \"files\": the keys here are memory, cpu, open_files, processes and output"},
		"limits a list":         {source + "    limits: [1]\n", "scriptd.yaml:4:13: limits: want a mapping, got a list"},
		"share":                 {"isolation: {mode: process, share: all}\n" + source, "scriptd.yaml:1:35: share: want package or source, got \"all\""},
		"isolation key":         {"isolation: {mod: process}\n" + source, "scriptd.yaml:1:13: unknown key \"mod\": did you mean \"mode\"?"},
		"isolation":             {"isolation: container\n" + source, "scriptd.yaml:1:12: isolation: want process or none, got \"container\""},
		"listen":                {"listen: localhost\n" + source, "scriptd.yaml:1:9: listen: want host:port such as 127.0.0.1:7070, got \"localhost\""},
		"listen a number":       {"listen: 7070\n" + source, "scriptd.yaml:1:9: listen: want a string, got the number 7070: put it in quotes"},
		"listen a bool":         {"listen: TRUE\n" + source, "scriptd.yaml:1:9: listen: want a string, got true: put it in quotes"},
		"listen port":           {"listen: localhost:http\n" + source, "scriptd.yaml:1:9: listen: want host:port such as 127.0.0.1:7070, got \"localhost:http\""},
		"listen large port":     {"listen: localhost:65536\n" + source, "scriptd.yaml:1:9: listen: want host:port such as 127.0.0.1:7070, got \"localhost:65536\""},
		"cache dir":             {"cache: {dir: ''}\n" + source, "scriptd.yaml:1:14: dir: the path is empty"},
		"cache keep":            {"cache: {keep: 0}\n" + source, "scriptd.yaml:1:15: keep: want a whole number above 0, or none, got the number 0"},
		"cache age":             {"cache: {max_age: 30d}\n" + source, "scriptd.yaml:1:18: max_age: want a duration such as 30s or 5m, got \"30d\""},
		"cache size no size":    {"cache: {max_size: big}\n" + source, "scriptd.yaml:1:19: max_size: want a size such as 256MiB or 1GB, or none, got \"big\""},
		"cache a string":        {"cache: here\n" + source, "scriptd.yaml:1:8: cache: want a mapping, got a string"},
		"cache is a file":       {"cache: {dir: scriptd.yaml}\n" + source, "scriptd.yaml:1:9: cache: mkdir DIR/scriptd.yaml: not a directory"},

		// Permissions.
		"net without port": {source + "    permissions: {net: [example.com]}\n", "scriptd.yaml:4:25: net[0]: want host:port, such as *.example.com:443 or *:443, got \"example.com\""},
		"net with scheme":  {source + "    permissions: {net: ['https://example.com:443']}\n", "scriptd.yaml:4:25: net[0]: want host:port, such as *.example.com:443 or *:443, got \"https://example.com:443\""},
		"net with port 0":  {source + "    permissions: {net: ['a:1', 'a:0']}\n", "scriptd.yaml:4:32: net[1]: want host:port, such as *.example.com:443 or *:443, got \"a:0\""},
		"net half a star":  {source + "    permissions: {net: ['a*.b:1']}\n", "scriptd.yaml:4:25: net[0]: want host:port, such as *.example.com:443 or *:443, got \"a*.b:1\""},
		"net no list":      {source + "    permissions: {net: 'a:1'}\n", "scriptd.yaml:4:24: net: want a list, got \"a:1\""},
		"read empty":       {source + "    permissions: {read: ['']}\n", "scriptd.yaml:4:26: read[0]: the path is empty"},
		"env with a value": {source + "    permissions: {env: [A=b]}\n", "scriptd.yaml:4:25: env[0]: want the name of an environment variable, or * for all of them, got \"A=b\""},
		"run empty":        {source + "    permissions: {run: ['']}\n", "scriptd.yaml:4:25: run[0]: want a program, got \"\""},
		"all as a word":    {source + "    permissions: all\n", "scriptd.yaml:4:18: permissions: want a mapping, got a string"},
		"unknown":          {source + "    permissions: {network: ['*:*']}\n", "scriptd.yaml:4:19: unknown key \"network\": the keys here are net, read, write, env, run and all"},

		// Packages.
		"package a string": {source + "    packages: [netcheck]\n", "scriptd.yaml:4:16: packages[0]: want a mapping, got a string"},
		"no package path":  {source + "    packages: [{timeout: 1s}]\n", "scriptd.yaml:4:16: packages[0]: path is missing"},
		"package twice":    {source + "    packages:\n      - path: a/b\n      - path: ./a//b/\n", "scriptd.yaml:6:15: path: the package \"./a//b/\" is in line 5 too"},
		"package above":    {source + "    packages: [{path: ..}]\n", "scriptd.yaml:4:23: path: want a folder of the source, with slashes, got \"..\""},
		"config a list":    {source + "    packages: [{path: ., config: [a]}]\n", "scriptd.yaml:4:34: config: want a mapping, got a list"},
		"config a secret":  {source + "    packages: [{path: ., config: sesame}]\n", "scriptd.yaml:4:34: config: want a mapping, got a string"},
		"config infinity":  {source + "    packages: [{path: ., config: {a: .inf}}]\n", "scriptd.yaml:4:38: a: the value is no number that JSON has: put it in quotes"},
		"config octal":     {source + "    packages: [{path: ., config: {zip: 01234}}]\n", "scriptd.yaml:4:40: zip: the value is read differently by different versions of YAML: put it in quotes, or write a plain number"},
		"config too large": {source + "    packages: [{path: ., config: {n: 99999999999999999999}}]\n", "scriptd.yaml:4:38: n: the value is too large for a number: put it in quotes"},
		"config key":       {source + "    packages: [{path: ., config: {true: 1}}]\n", "scriptd.yaml:4:35: key true is not a string: put it in quotes"},
		"config key twice": {source + "    packages: [{path: ., config: {a: 1, a: 2}}]\n", "scriptd.yaml:4:41: key \"a\" is there twice: it is in line 4 too"},

		// Calls.
		"calls a list":         {source + "    calls: [1m]\n", "scriptd.yaml:4:12: calls: want a mapping, got a list"},
		"calls near key":       {source + "    calls: {concurency: 1}\n", "scriptd.yaml:4:13: unknown key \"concurency\": did you mean \"concurrency\"?"},
		"calls far key":        {source + "    calls: {path: .}\n", "scriptd.yaml:4:13: unknown key \"path\": the keys here are timeout, concurrency, queue, grace, drain, retry and quarantine"},
		"package near key":     {source + "    packages: [{path: ., drian: 1s}]\n", "scriptd.yaml:4:26: unknown key \"drian\": did you mean \"drain\"?"},
		"package far key":      {source + "    packages: [{path: ., calls: {}}]\n", "scriptd.yaml:4:26: unknown key \"calls\": the keys here are path, config, permissions, limits, selftest, timeout, concurrency, queue, grace, drain, retry and quarantine"},
		"calls timeout":        {source + "    calls: {timeout: 5}\n", "scriptd.yaml:4:22: timeout: want a duration such as 30s or 5m, got the number 5"},
		"concurrency zero":     {source + "    calls: {concurrency: 0}\n", "scriptd.yaml:4:26: concurrency: want a whole number above 0, got the number 0"},
		"queue negative":       {source + "    calls: {queue: -1}\n", "scriptd.yaml:4:20: queue: want a whole number, 0 for none, got the number -1"},
		"queue a word":         {source + "    packages: [{path: ., queue: none}]\n", "scriptd.yaml:4:33: queue: want a whole number, 0 for none, got \"none\""},
		"queue nothing":        {source + "    calls: {queue: }\n", "scriptd.yaml:4:19: queue: want a whole number, 0 for none, got nothing"},
		"queue too large":      {source + "    calls: {queue: 9223372036854775808}\n", "scriptd.yaml:4:20: queue: want a whole number, 0 for none, got the number 9223372036854775808"},
		"grace zero":           {source + "    packages: [{path: ., grace: 0s}]\n", "scriptd.yaml:4:33: grace: want a duration such as 30s or 5m, got \"0s\""},
		"drain negative":       {source + "    calls: {drain: -1s}\n", "scriptd.yaml:4:20: drain: want a duration such as 30s or 5m, got \"-1s\""},
		"retry a number":       {source + "    calls: {retry: 3}\n", "scriptd.yaml:4:20: retry: want a mapping, got a number"},
		"retry near key":       {source + "    calls: {retry: {attempt: 3}}\n", "scriptd.yaml:4:21: unknown key \"attempt\": did you mean \"attempts\"?"},
		"attempts zero":        {source + "    calls: {retry: {attempts: 0}}\n", "scriptd.yaml:4:31: attempts: want a whole number above 0, got the number 0"},
		"attempts negative":    {source + "    packages: [{path: ., retry: {attempts: -3}}]\n", "scriptd.yaml:4:44: attempts: want a whole number above 0, got the number -3"},
		"backoff a number":     {source + "    packages: [{path: ., retry: {backoff: 200}}]\n", "scriptd.yaml:4:43: backoff: want a duration such as 30s or 5m, got the number 200"},
		"quarantine zero":      {source + "    calls: {quarantine: 0}\n", "scriptd.yaml:4:25: quarantine: want a whole number above 0, got the number 0"},
		"quarantine a word":    {source + "    packages: [{path: ., quarantine: never}]\n", "scriptd.yaml:4:38: quarantine: want a whole number above 0, got \"never\""},
		"calls of two sources": {source + "    calls: {grace: x}\n  - name: b\n    filesystem: {path: b}\n    calls: {grace: y}\n", "scriptd.yaml:4:20: grace: want a duration such as 30s or 5m, got \"x\"\nscriptd.yaml:7:20: grace: want a duration such as 30s or 5m, got \"y\""},

		// Going live.
		"activate":              {source + "    activate: all\n", "scriptd.yaml:4:15: activate: want package or tree, got \"all\""},
		"activate empty":        {source + "    activate: ''\n", "scriptd.yaml:4:15: activate: want package or tree, got \"\""},
		"activate a bool":       {source + "    activate: true\n", "scriptd.yaml:4:15: activate: want a string, got true: put it in quotes"},
		"selftest a string":     {source + "    packages: [{path: ., selftest: hello}]\n", "scriptd.yaml:4:36: selftest: want a mapping, got a string"},
		"selftest no plugin":    {source + "    packages: [{path: ., selftest: {success: true}}]\n", "scriptd.yaml:4:36: selftest: plugin is missing"},
		"selftest nothing":      {source + "    packages: [{path: ., selftest: }]\n", "scriptd.yaml:4:35: selftest: plugin is missing"},
		"selftest bad plugin":   {source + "    packages: [{path: ., selftest: {plugin: ''}}]\n", "scriptd.yaml:4:45: plugin: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit, got \"\""},
		"selftest near key":     {source + "    packages: [{path: ., selftest: {plugin: a, succss: true}}]\n", "scriptd.yaml:4:48: unknown key \"succss\": did you mean \"success\"?"},
		"selftest params":       {source + "    packages: [{path: ., selftest: {plugin: a, params: [b]}}]\n", "scriptd.yaml:4:56: params: want a mapping, got a list"},
		"selftest success":      {source + "    packages: [{path: ., selftest: {plugin: a, success: no}}]\n", "scriptd.yaml:4:57: success: want true or false, got \"no\""},
		"selftest reference":    {source + "    packages: [{path: ., selftest: {plugin: a, params: {b: [\"x${env:HOME}\"]}}}]\n", "scriptd.yaml:4:61: b[0]: the parameters of a self-test hold no references: the package's config is the place for them"},
		"webhook a string":      {source + "    webhook: sesame\n", "scriptd.yaml:4:14: webhook: want a mapping, got a string"},
		"webhook no secret":     {source + "    webhook: {}\n", "scriptd.yaml:4:14: webhook: secret is missing"},
		"webhook nothing":       {source + "    webhook:\n", "scriptd.yaml:4:14: webhook: secret is missing"},
		"webhook near key":      {source + "    webhook: {secrets: x}\n", "scriptd.yaml:4:15: unknown key \"secrets\": did you mean \"secret\"?"},
		"webhook empty":         {source + "    webhook: {secret: ''}\n", "scriptd.yaml:4:23: secret: the secret is empty"},
		"webhook null":          {source + "    webhook: {secret: ~}\n", "scriptd.yaml:4:23: secret: want a string, got nothing"},
		"webhook a number":      {source + "    webhook: {secret: 735354}\n", "scriptd.yaml:4:23: secret: want a string, got a number: put it in quotes"},
		"webhook unset":         {source + "    webhook: {secret: \"${env:NOT_SET}\"}\n", "scriptd.yaml:4:23: secret: ${env:NOT_SET}: the environment variable NOT_SET is not set"},
		"webhook missing file":  {source + "    webhook: {secret: \"${file:none}\"}\n", "scriptd.yaml:4:23: secret: ${file:none}: no such file or directory"},
		"webhook empty file":    {source + "    webhook: {secret: \"${file:/dev/null}\"}\n", "scriptd.yaml:4:23: secret: ${file:/dev/null}: the secret is empty"},
		"webhook bad reference": {source + "    webhook: {secret: \"${vault:x}\"}\n", "scriptd.yaml:4:23: secret: a reference in it is neither ${env:NAME} nor ${file:PATH}; write $${ for ${ itself"},

		// References.
		"unset variable":     {source + "    dir: ${env:NOT_SET}\n", "scriptd.yaml:4:10: dir: ${env:NOT_SET}: the environment variable NOT_SET is not set"},
		"missing file":       {source + "    dir: ${file:not/there}\n", "scriptd.yaml:4:10: dir: ${file:not/there}: no such file or directory"},
		"folder as a file":   {source + "    dir: ${file:.}\n", "scriptd.yaml:4:10: dir: ${file:.}: it is a folder, not a file"},
		"open reference":     {source + "    dir: a${env:X\n", "scriptd.yaml:4:10: dir: a reference ${ without }: write $${ for ${ itself"},
		"shell variable":     {source + "    dir: ${HOME}/x\n", "scriptd.yaml:4:10: dir: ${HOME}: want ${env:NAME} or ${file:PATH}; write $${ for ${ itself"},
		"unknown reference":  {source + "    dir: ${vault:x}\n", "scriptd.yaml:4:10: dir: ${vault:x}: want ${env:NAME} or ${file:PATH}; write $${ for ${ itself"},
		"reference no name":  {source + "    dir: ${env:}\n", "scriptd.yaml:4:10: dir: ${env:}: \"\" is no name of an environment variable"},
		"reference bad name": {source + "    dir: ${env:A-B}\n", "scriptd.yaml:4:10: dir: ${env:A-B}: \"A-B\" is no name of an environment variable"},
		"unset in config": {
			source + "    packages:\n      - path: .\n        config:\n          list: [\"${env:NOT_SET}\", {token: \"x${file:none}\"}]\n",
			"scriptd.yaml:7:18: list[0]: ${env:NOT_SET}: the environment variable NOT_SET is not set\n" +
				"scriptd.yaml:7:44: token: ${file:none}: no such file or directory",
		},

		"all at once": {
			"isolation: maybe\nsources:\n  - name: A\n    filesystem: {path: x}\n    intervall: 1m\n  - name: b\n    dir: ${env:NOT_SET}\n    timeout: 5\n",
			"scriptd.yaml:1:12: isolation: want process or none, got \"maybe\"\n" +
				"scriptd.yaml:3:11: name: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit, got \"A\"\n" +
				"scriptd.yaml:5:5: unknown key \"intervall\": did you mean \"interval\"?\n" +
				"scriptd.yaml:6:5: the source has no kind: add filesystem, git or s3\n" +
				"scriptd.yaml:7:10: dir: ${env:NOT_SET}: the environment variable NOT_SET is not set\n" +
				"scriptd.yaml:8:14: timeout: want a duration such as 30s or 5m, got the number 5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, test.file)
			wantError(t, test.want)
		})
	}
}

// wantError loads scriptd.yaml and compares the error; DIR stands for the working directory.
func wantError(t *testing.T, want string) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("scriptd.yaml")
	if err == nil {
		t.Fatalf("got %v, want the error\n%s", cfg, want)
	}
	if got := strings.ReplaceAll(err.Error(), dir, "DIR"); got != want {
		t.Errorf("got error\n%s\nwant\n%s", got, want)
	}
	if _, ok := errors.AsType[config.Errors](err); !ok {
		t.Errorf("got a %T, want Errors", err)
	}
}

func TestNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	wantError(t, "scriptd.yaml: no such file or directory: a first one is \"sources: [{name: plugins, filesystem: {path: plugins}}]\"")
	if _, err := config.Load("scriptd.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

func TestFolderInPlaceOfFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("scriptd.yaml", 0o700); err != nil {
		t.Fatal(err)
	}
	wantError(t, "scriptd.yaml: it is a folder, not a file")
}

func TestLargeFile(t *testing.T) {
	write(t, strings.Repeat("# a comment of thirty-two bytes\n", 1<<15)+source)
	wantError(t, "scriptd.yaml: it has more than 1048576 bytes")
}
