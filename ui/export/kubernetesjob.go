package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/plan"
)

// Job says what a sweep on Kubernetes runs.
type Job struct {
	Plan   *plan.Plan // of one run, for what it takes
	Name   string     // of the scenario
	Text   string     // of a scenario that is no built-in one; ""
	Words  []string   // of the command line after `sweep SCENARIO`, as a shell reads them
	Shards int        // pods
	Image  string     // default DefaultImage
}

// MostShards is how many pods a sweep may have.
const MostShards = 1000

// KubernetesJob returns manifests of a Job that runs a sweep, a shard in each pod, and of one
// that merges what they have written.
func KubernetesJob(j Job) string {
	image := cmp.Or(j.Image, DefaultImage)
	const scenarioFile = "/scenario/scenario.yaml"
	name := j.Name
	if j.Text != "" {
		name = scenarioFile
	}
	var b strings.Builder
	title := format.Line(j.Plan.File.Title)
	fmt.Fprintf(&b, "# A sweep of %s, from the scenario %s of stickylab, in %s.\n", title, format.Line(j.Name), format.Plural(j.Shards, "pod"))
	lines := []string{"", "The image needs /stickylab and /bin/sh. It is made in the source folder of stickylab; a",
		"cluster that does not share this machine's images needs it in its registry, and its",
		"name here (--image):", ""}
	lines = append(lines, dockerBuild(image, "busybox:1")...)
	lines = append(lines, "", "Then:", "", "  kubectl apply -f FILE", "  kubectl wait --for=condition=complete job/sweep --timeout=1h", "  kubectl logs -f job/sweep-merge", "",
		"The shards meet in a volume that all nodes of the cluster can write: where it has no",
		"such storage, but one node, ReadWriteOnce does. They stay there: delete the claim before",
		"the same sweep is run by another version of the program. Runs that do not meet an expectation",
		"are results, and no failure of a pod; sweep-merge fails then, as sweep itself would.")
	for _, line := range lines {
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	if j.Text != "" {
		b.WriteString(configMap("sweep-scenario", "scenario.yaml", j.Text))
	}
	b.WriteString(`---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: sweep-results, labels: {app.kubernetes.io/part-of: stickylab}}
spec:
  accessModes: [ReadWriteMany]
  resources: {requests: {storage: 1Gi}}
`)
	command := strings.Join(append([]string{"/stickylab sweep", name}, j.Words...), " ")
	// Kubernetes reads $(NAME) itself, and $$ as a dollar.
	command = strings.ReplaceAll(command, "$(", "$$(")
	sum := sha256.Sum256([]byte(image + "\x00" + command + "\x00" + j.Text))
	files := hex.EncodeToString(sum[:6]) // other sweeps in the same volume are not merged
	b.WriteString(job(j, "sweep", image, fmt.Sprintf(`  completionMode: Indexed
  completions: %[1]d
  parallelism: %[1]d
  backoffLimit: %[1]d
`, j.Shards), fmt.Sprintf(`%s --shard "$((JOB_COMPLETION_INDEX+1))/%d" --jobs 1 --out "/results/%[3]s-$JOB_COMPLETION_INDEX-of-%[2]d.jsonl"
case $? in 0 | 1 | 3 | 5) exit 0 ;; *) exit 1 ;; esac
`, command, j.Shards, files)))
	b.WriteString(job(j, "sweep-merge", image, "  backoffLimit: 0\n  activeDeadlineSeconds: 86400\n",
		fmt.Sprintf(`until set -- /results/%[2]s-*-of-%[1]d.jsonl && [ -e "$1" ] && [ $# -eq %[1]d ]; do sleep 2; done
exec /stickylab sweep --merge "$@"
`, j.Shards, files)))
	return b.String()
}

// job is a Job whose pod runs a script in the image.
func job(j Job, name, image, spec, script string) string {
	mounts, volumes := "", ""
	if j.Text != "" {
		mounts = "            - {name: scenario, mountPath: /scenario}\n"
		volumes = "        - {name: scenario, configMap: {name: sweep-scenario}}\n"
	}
	return fmt.Sprintf(`---
apiVersion: batch/v1
kind: Job
metadata: {name: %[1]s, labels: {app.kubernetes.io/part-of: stickylab}}
spec:
%[2]s  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      restartPolicy: Never
      containers:
        - name: %[1]s
          image: %[3]s
          imagePullPolicy: IfNotPresent
          command: [/bin/sh, -c]
          args:
            - %[4]s          resources: {requests: {cpu: "1", memory: %[5]dMi}, limits: {cpu: "1"}}
          volumeMounts:
            - {name: results, mountPath: /results}
%[6]s      volumes:
        - {name: results, persistentVolumeClaim: {claimName: sweep-results}}
%[7]s`, name, spec, strconv.Quote(image), block(script, "              "), megabytes(j.Plan), mounts, volumes)
}

// megabytes is what a pod asks for: twice what a run is estimated to take, and not less than
// the program with a small one.
func megabytes(p *plan.Plan) int {
	return max(int(math.Ceil(2*plan.Estimate(p).Memory/(1<<20))), 128)
}
