package config

// The structs of this file are the file's format: their tags are the keys, and there is no other list of them.

// file is a whole configuration file.
type file struct {
	section
	Cache     cacheSection    `yaml:"cache"`
	Role      text            `yaml:"role"`
	Isolation isolation       `yaml:"isolation"`
	Listen    text            `yaml:"listen"`
	Sources   []sourceSection `yaml:"sources,required"`
}

// isolation is its mode, or a mapping with that and more.
type isolation struct{ isolationSection }

type isolationSection struct {
	section
	Mode  text     `yaml:"mode"`
	Share text     `yaml:"share"`
	Idle  duration `yaml:"idle"`
}

type cacheSection struct {
	section
	Dir     text     `yaml:"dir"`
	Keep    bound    `yaml:"keep"`
	MaxAge  duration `yaml:"max_age"`
	MaxSize size     `yaml:"max_size"`
	Trust   secret   `yaml:"trust"`

	S3       bucketSection `yaml:"s3"`
	Insecure flag          `yaml:"insecure"`
}

// bucketSection is a bucket for something else than plugins.
type bucketSection struct {
	section
	bucketKeys
}

type sourceSection struct {
	section
	Name        text               `yaml:"name,required"`
	Kinds       kindSections       `yaml:",inline"`
	Dir         text               `yaml:"dir"`
	Include     []text             `yaml:"include"`
	Exclude     []text             `yaml:"exclude"`
	MaxDelete   text               `yaml:"max_delete"`
	Interval    duration           `yaml:"interval"`
	Timeout     duration           `yaml:"timeout"`
	Insecure    flag               `yaml:"insecure"`
	Verify      verifySection      `yaml:"verify"`
	Digest      text               `yaml:"digest"`
	Webhook     webhookSection     `yaml:"webhook"`
	Activate    text               `yaml:"activate"`
	Limits      limitsSection      `yaml:"limits"`
	Permissions permissionsSection `yaml:"permissions"`
	Calls       callsSection       `yaml:"calls"`
	Packages    []packageSection   `yaml:"packages"`
}

type verifySection struct {
	section
	SSH      secret `yaml:"ssh"`
	GPG      secret `yaml:"gpg"`
	Minisign secret `yaml:"minisign"`
	Tag      flag   `yaml:"tag"`
}

type webhookSection struct {
	section
	Secret secret `yaml:"secret,required"`
}

type limitsSection struct {
	section
	Bytes     count `yaml:"bytes"`
	Files     count `yaml:"files"`
	FileBytes count `yaml:"file_bytes"`
	PathBytes count `yaml:"path_bytes"`
	Depth     count `yaml:"depth"`
	usageKeys
}

// usageSection holds for one package.
type usageSection struct {
	section
	usageKeys
}

// usageKeys say how much the process of a package may use.
type usageKeys struct {
	Memory    size  `yaml:"memory"`
	CPU       share `yaml:"cpu"`
	OpenFiles bound `yaml:"open_files"`
	Processes bound `yaml:"processes"`
	Output    size  `yaml:"output"`
}

type permissionsSection struct {
	section
	Net   []text `yaml:"net"`
	Read  []text `yaml:"read"`
	Write []text `yaml:"write"`
	Env   []text `yaml:"env"`
	Run   []text `yaml:"run"`
	All   flag   `yaml:"all"`
}

type packageSection struct {
	section
	Path        text               `yaml:"path,required"`
	Config      values             `yaml:"config"`
	Permissions permissionsSection `yaml:"permissions"`
	Limits      usageSection       `yaml:"limits"`
	SelfTest    selfTestSection    `yaml:"selftest"`
	callKeys
}

// callsSection holds for the packages of a source that do not say otherwise.
type callsSection struct {
	section
	callKeys
}

// callKeys say how calls are run.
type callKeys struct {
	Timeout     duration     `yaml:"timeout"`
	Concurrency count        `yaml:"concurrency"`
	Queue       length       `yaml:"queue"`
	Grace       duration     `yaml:"grace"`
	Drain       duration     `yaml:"drain"`
	Retry       retrySection `yaml:"retry"`
	Quarantine  count        `yaml:"quarantine"`
}

type retrySection struct {
	section
	Attempts count    `yaml:"attempts"`
	Backoff  duration `yaml:"backoff"`
}

type selfTestSection struct {
	section
	Plugin  text   `yaml:"plugin,required"`
	Params  values `yaml:"params"`
	Success flag   `yaml:"success"`
}

type filesystemSection struct {
	section
	Path text `yaml:"path,required"`
}

type gitSection struct {
	section
	URL              text   `yaml:"url,required"`
	Ref              text   `yaml:"ref"`
	Username         text   `yaml:"username"`
	Password         secret `yaml:"password"`
	Token            secret `yaml:"token"`
	SSHKey           secret `yaml:"ssh_key"`
	SSHKeyPassphrase secret `yaml:"ssh_key_passphrase"`
	KnownHosts       text   `yaml:"known_hosts"`
	CAFile           text   `yaml:"ca_file"`
	ClientCert       text   `yaml:"client_cert"`
	ClientKey        secret `yaml:"client_key"`
	Submodules       flag   `yaml:"submodules"`

	App appSection `yaml:"github_app"`
}

type appSection struct {
	section
	ID           text   `yaml:"id,required"`
	Installation text   `yaml:"installation,required"`
	PrivateKey   secret `yaml:"private_key,required"`
	API          text   `yaml:"api"`
}

type s3Section struct {
	section
	bucketKeys
	Manifest text `yaml:"manifest"`
}

// bucketKeys say which bucket, and how to reach it.
type bucketKeys struct {
	Bucket          text   `yaml:"bucket,required"`
	Prefix          text   `yaml:"prefix"`
	Endpoint        text   `yaml:"endpoint"`
	Region          text   `yaml:"region"`
	PathStyle       flag   `yaml:"path_style"`
	AccessKeyID     secret `yaml:"access_key_id"`
	SecretAccessKey secret `yaml:"secret_access_key"`
	SessionToken    secret `yaml:"session_token"`
	Profile         text   `yaml:"profile"`
	Role            text   `yaml:"role"`
	ExternalID      text   `yaml:"external_id"`
	Anonymous       flag   `yaml:"anonymous"`
}
