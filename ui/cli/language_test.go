package cli

import "testing"

// The language is that of the environment as POSIX has it; what is not known is English.
func TestLanguageOfTheEnvironment(t *testing.T) {
	for _, tt := range []struct {
		all, messages, lang string
		want                string
	}{
		{"", "", "", ""},
		{"", "", "zh_CN.UTF-8", "zh-CN"},
		{"", "", "zh_CN.utf8", "zh-CN"},
		{"", "", "zh_CN", "zh-CN"},
		{"", "", "zh_SG.UTF-8@x", "zh-CN"},
		{"", "", "zh_CN.GB18030", ""},
		{"", "", "zh_TW.UTF-8", ""},
		{"", "", "en_US.UTF-8", ""},
		{"", "en_US.UTF-8", "zh_CN.UTF-8", ""},
		{"", "zh_CN.UTF-8", "en_US.UTF-8", "zh-CN"},
		{"C", "zh_CN.UTF-8", "zh_CN.UTF-8", ""},
	} {
		env := map[string]string{"LC_ALL": tt.all, "LC_MESSAGES": tt.messages, "LANG": tt.lang}
		if got := languageOf(func(name string) string { return env[name] }); got != tt.want {
			t.Errorf("%v: %q, want %q", env, got, tt.want)
		}
	}
}

func TestLanguageOfTheFlag(t *testing.T) {
	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	for flag, want := range map[string]string{"": "zh-CN", "en": "", "zh": "zh-CN", "zh-hans": "zh-CN", "ZH-cn": "zh-CN"} {
		if got, err := language(flag); got != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", flag, got, err, want)
		}
	}
	if _, err := language("fr"); err == nil {
		t.Error("there are no texts in fr")
	}
}
