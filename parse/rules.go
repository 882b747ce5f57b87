package parse

import (
	"slices"
	"sync"
)

// rules are all tables in order: what can be told with most certainty comes first, and what a user's own words
// inside the message could imitate comes last. The patterns are the parts of podman's messages that stayed the
// same from 4.3 to 5.8, seen in fixtures/errors.
var rules = sync.OnceValue(func() []rule {
	return slices.Concat(buildRules(), connectionRules(), runtimeRules(), registryRules(), stateRules(), sharedRules(), nameRules(),
		missingRules(), parameterRules(), hostRules())
})

// buildRules come first, for a step's own words stand in the message.
func buildRules() []rule {
	return []rule{
		on(PodmanError, `building at STEP "(.+?)": while running runtime: exit status`, `the build's step "{}" failed`,
			"Read what the step printed last, and mend it."),
		on(InvalidParams, `building at STEP "((?:COPY|ADD) .+?)":.*no such file or directory`,
			`the build's step "{}" names a file that is not in the build context`,
			"Paths are relative to the context folder; a .containerignore or .dockerignore may hide the file."),
		on(InvalidParams, `Unknown instruction: "(.+?)"`, `the Containerfile has an unknown instruction "{}"`,
			"Mend the Containerfile."),
		on(InvalidParams, `[Tt]arget "(.+?)" was not found in the provided Dockerfile`, "the Containerfile has no stage {}",
			"Name a stage as FROM ... AS NAME calls it, or leave target out."),
		on(InvalidParams, `no FROM statement found|no contents in "`, "the Containerfile has no FROM", "It begins with FROM and an image, or FROM scratch."),
		on(InvalidParams, `context must be a directory: "(.+?)"`, "the build context {} is not a folder", "Name a folder that exists."),
		on(InvalidParams, `(?:no Containerfile or Dockerfile .*directory, (\S+?)|stat (\S+?)/(?:Dockerfile|Containerfile)): no such file or directory$`,
			"{} does not exist or holds no Containerfile", "Name a folder with a Containerfile or Dockerfile, or the file itself."),
	}
}

// connectionRules tell of a podman, or a compose provider, that is not there at all.
func connectionRules() []rule {
	const service = "Start podman's service (systemctl --user start podman.socket, or as root sudo systemctl start podman.socket), " +
		"or leave the socket path out to use podman without one."
	return []rule{
		on(ComposeNotAvailable, `unrecognized command \x60\S+ compose|looking up compose provider failed`, "this podman has no compose provider",
			"Install podman-compose (apt, dnf or pip), or docker-compose with podman 4.7 or newer."),
		on(PermissionDenied, `dial unix (\S+): connect: permission denied`, "this user may not use podman's socket {}",
			"Use the user's own socket (systemctl --user start podman.socket) or run as the user who owns this one."),
		// A machine is an ssh connection to this host. Podman mentions machines on Linux too, so its words alone do not tell.
		on(NotConnected, `(?:failed to connect|sshClient|bastion host)[^\n]*dial tcp ((?:127\.0\.0\.1|localhost|\[::1\]):\d+)|connectex|podman-machine|ssh: rejected|(?i:machine[^\n]* is not running)`,
			"podman's virtual machine is not running, or nothing answers on this host's ssh port for it",
			"Run podman machine start (the first time podman machine init); podman system connection list shows which connection podman uses."),
		on(NotConnected, `connection "(.+?)" not found|"(.+?)" service destination not found`, `podman has no connection called "{}"`,
			"podman system connection list shows those there are."),
		on(NotConnected, `(?i)no (?:default |active )?(?:service )?(?:connections?|destinations?) (?:is |are )?(?:configured|defined|set|found)`,
			"podman has no connection to a service", "Add one with podman system connection add, or give a socket path."),
		on(NotConnected, `"(.+?)" is not a supported schema`, `podman cannot connect by "{}"`,
			"The URL begins with unix://, tcp:// or ssh://."),
		on(NotConnected, `dial unix (?://)?(\S+): connect: `, "nothing answers on podman's socket {}", service),
		on(NotConnected, `(?:unable to connect to Podman|failed to connect|cannot connect to the Podman socket).*dial tcp ([^\s:]+:\d+|\[\S+?\]:\d+)`,
			"no podman service answers at {}", "Check that the host is up, that the service runs there and that the address is right."),
		on(NotConnected, `unable to decode event response: unexpected EOF`, "podman's service ended meanwhile", service),
		on(NotConnected, `unable to connect to Podman|Cannot connect to Podman|failed to connect: |cannot connect to the Podman socket`,
			"podman's service cannot be reached", service),
	}
}

func runtimeRules() []rule {
	const noCommand = "Give a command or an entrypoint."
	return []rule{
		on(InvalidParams, `no command or entrypoint provided|exec: "": executable file not found`, "the image has no command of its own", noCommand),
		on(PodmanError, `exec(?:utable file)?:? ["'\x60](.+?)["'\x60]:? (?:executable file )?not found in \$PATH|exec: "(.+?)": stat \S+ no such file or directory`,
			`the command "{}" is not in the image`, "Check its spelling and path; images made from scratch have no shell. The first word is the program."),
		on(PermissionDenied, `exec: "(.+?)": permission denied`,
			`"{}" in the container is not a file that can be run`, "Name a program that is executable, not a folder or a data file."),
		on(PermissionDenied, `open executable: Permission denied`, "the command in the container is not a file that can be run",
			"Name a program that is executable, not a folder or a data file."),
		on(InvalidParams, `chdir to (?:cwd )?\(?["'\x60](.+?)["'\x60].*(?i:no such file)|workdir "(.+?)" does not exist on container`,
			"the working folder {} does not exist in the container", "Create it in the image or choose another workdir."),
		on(InvalidParams, `unable to find (?:user|group) (\S+?): no matching entries`, "there is no user {} in the image",
			"Use a name from the image's /etc/passwd, or a number."),
		on(InvalidParams, `error mounting "(.+?)" to rootfs.*(?:[Nn]ot a directory|[Ii]s a directory)`,
			"{} cannot be mounted there: one is a file and the other a folder", "Mount a file on a file or a folder on a folder."),
		on(InvalidParams, `unable to set memory limit to (\d+)`, "a memory limit of {} bytes is too small for the container", "Give more; 6m is about the least."),
		on(InvalidParams, `memory\.[\w.]*limit_in_bytes: invalid argument`, "the kernel does not allow this memory limit",
			"memory_swap counts memory and swap together: give both, and it at least as much as memory."),
		on(NotRunning, `update --resources=[^\n]* failed: [^\n]*container does not exist`, "the container is not running",
			"This podman changes only running ones: start it first (podman_start). Podman 5.1 and newer change any."),
		on(InvalidParams, `open /proc/sys/(\S+): no such file`, "this kernel has no sysctl {}", "Leave the sysctl out."),
		on(PermissionDenied, `setting rlimit|(?i:setrlimit [^\n]*not permitted)`, "the host does not allow a limit this high (ulimit)",
			"Ask for less, or raise the host's own limit."),
		on(PodmanError, `(?:default OCI runtime|executable found for OCI runtime) "?(\S+?)"?(?:: | not found)`, "the container runtime {} is not installed",
			"Install crun or runc, or set runtime in containers.conf."),
	}
}

func registryRules() []rule {
	const spelling = "Check the spelling and the tag; podman search finds names."
	const platforms = "podman_manifest_inspect shows what the list holds; name one image of it."
	return []rule{
		on(ImageNotFound, `short-name "(.+?)" did not resolve`, `"{}" is a short name, there is no such image here and podman knows no registry for it`,
			"Name the registry too: docker.io/library/{}, quay.io/NAME/{} or, for an image built here, localhost/{}."),
		on(ImageNotFound, `short-name resolution enforced but cannot prompt without a TTY`,
			"the image's short name could mean several registries and podman would ask which",
			"Name the registry too, for instance docker.io/library/NAME; podman info shows the registries it would try."),
		on(ImageNotFound, `docker://localhost/([^\s"]+?)"?: .*(?:connection refused|no such host|EOF|HTTP response to HTTPS)`,
			"there is no image localhost/{} here", "Names under localhost/ are images built on this machine: build it first or use another name."),
		on(ImageNotFound, `fetching tags list: (?:[^\n]*(?:404|name unknown|repository name not known)|requested access to the resource is denied)`,
			"the registry has no such image, or hides it from who has not logged in", spelling),
		on(ImageNotFound, `docker://([^\s"]+?)"?: .*(?:manifest unknown|name unknown|repository .*not found|not found: manifest)|(?:manifest|name) unknown`,
			"the registry has no image {}", spelling),
		on(ImageNotFound, `docker://([^\s"]+?)"?: .*no image found in (?:image index|manifest list) for`,
			"the image {} does not exist for this platform", "Ask for another platform; podman manifest inspect shows those there are."),
		on(ImageNotFound, `no image found in (?:image index|manifest list) for|could not find image instance \S+ of manifest list`,
			"this is a manifest list, whose image for this machine's platform is not here", platforms),
		on(InvalidParams, `(\S+): image is not a manifest list`, "{} is a single image and no manifest list", singleImage),
		on(InvalidParams, `Treating single images as manifest lists`, "this is a single image and no manifest list", singleImage),
		on(RegistryUnreachable, `(?:docker://(\S+?): .*)?(?:toomanyrequests|pull rate limit)`, "the registry refuses more pulls for now",
			"Wait, or log in with podman login for a higher limit."),
		on(PermissionDenied, `(?:reading manifest \S+ in|docker://)\s?([^\s/]+)[^\n]*(?:unauthorized|authentication required|access to the resource is denied)|unauthorized: |invalid username/password`,
			"the registry {} wants a login, or has no such image", "Run podman login {} and check the name: registries hide private images this way."),
		on(RegistryUnreachable, `pinging container registry (\S+?): .*server gave HTTP response to HTTPS client`,
			"the registry {} speaks plain HTTP", "Mark it insecure = true in registries.conf, if it is trusted."),
		on(RegistryUnreachable, `pinging container registry (\S+?): .*(?:x509|tls|certificate)`, "the certificate of the registry {} is not trusted",
			"Install its CA in /etc/containers/certs.d/{}/ or check the clock."),
		on(RegistryUnreachable, `dial (?:tcp|udp):? lookup (\S+?)(?: on \S+)?: `, "the name of the registry {} cannot be looked up",
			"Check the spelling, the network and DNS."),
		on(RegistryUnreachable, `pinging container registry (\S+?): .*(?:status[^\n]* |StatusCode: )5\d\d`, "the registry {} is out of order (a 5xx answer)",
			"Try again later."),
		on(RegistryUnreachable, `pinging container registry (\S+?): `, "the registry {} does not answer", "Check the address, the network and a proxy."),
		on(RegistryUnreachable, `docker://([^/\s]+)\S*: .*(?:i/o timeout|connection re(?:fused|set)|unexpected EOF|TLS handshake|no route to host|network is unreachable|5\d\d )`,
			"the registry {} broke off", "Try again; check the network and a proxy."),
	}
}

// sharedRules tell of an id's first digits that several things share. They stand before nameRules, because
// podman ends these messages with "already exists".
func sharedRules() []rule {
	const more = "Give more of the id, or the name; "
	return []rule{
		on(ContainerNotFound, `more than one result for (?:container ID|ID or name|container) "?(\S+?)"?: container already`, "several containers' ids begin with {}", more+"podman_ps with all lists them."),
		on(PodNotFound, `more than one result for ID or name (\S+): pod already`, "several pods' ids begin with {}", more+"podman_pod_ps lists them."),
		on(VolumeNotFound, `more than one result for volume name "(\S+)"`, "several volumes' names begin with {}", "Give the whole name; podman_volume_ls lists them."),
		on(NetworkNotFound, `more than one result for network ID (\S+)`, "several networks' ids begin with {}", more+"podman_network_ls lists them."),
		on(SecretNotFound, `more than one result secret with prefix (\S+):`, "several secrets' ids begin with {}", more+"podman_secret_ls lists them."),
	}
}

// nameRules tell of names and ports that are taken.
func nameRules() []rule {
	const rename = "Choose another name, or remove the other one first."
	const port = "Choose another host port; podman_ps shows which container has it, ss -ltnp which other program."
	return []rule{
		on(NameInUse, `container name "(.+?)" is already in use`, `there is already a container called "{}"`,
			"Choose another name, start the one that is there with podman_start, or run again with replace."),
		on(NameInUse, `image name "(.+?)" is already associated`, `there is already an image called "{}"`, rename),
		on(NameInUse, `name "(.+?)" is in use: (?:container|pod) already exists|name (\S+) already in use, cannot rename`, `the name "{}" is taken`, rename),
		on(NameInUse, `UNIQUE constraint failed: \w+\.Name`, "the new name is taken", rename),
		on(NameInUse, `network name (\S+) already used`, `there is already a network called "{}"`, rename),
		on(NameInUse, `volume with name (\S+) already exists`, `there is already a volume called "{}"`, rename),
		on(NameInUse, `^([^\n]+): secret name in use`, `there is already a secret called "{}"`, rename),
		on(NameInUse, `that name is already in use|(?:container|pod|network|volume) already exists`, "", rename),

		on(PermissionDenied, `cannot expose privileged port (\d+)|listen \w+ \S*?:(\d+): bind: permission denied|Failed to bind port (\d+) \(Permission denied`,
			"this user may not open port {}", "Use a host port of 1024 or higher, or lower net.ipv4.ip_unprivileged_port_start on the host."),
		on(PortInUse, `listen \w+ \S*?:(\d+): bind: address already in use|Failed to bind port (\d+) \(Address already in use`,
			"port {} on the host is taken", port),
		on(PortInUse, `(?i:port\D*?(\d+)[^\n]*(?:already allocated|address already in use))`, "port {} on the host is taken", port),
		on(PortInUse, `(?i:address already in use)|port is already allocated|proxy already running`, "a host port is taken", port),
		on(InvalidParams, `listen \w+ (\S+?): bind: cannot assign requested address`, "this machine has no address {}", "Use an address of this host, 127.0.0.1 or 0.0.0.0."),
		on(InUse, `subnet (\S+) is already used`, "the subnet {} is taken by another network", "Choose another subnet."),
	}
}

// stateRules tell of things that are in the wrong state, or that others hold on to.
func stateRules() []rule {
	const start = "Start it first (podman_start), or look at its logs to see why it ended."
	const unpause = "It is paused: unpause it first."
	return []rule{
		on(InUse, `(?:from pod (\S+?): (?:cannot remove|a container that depends)|not all containers could be removed from pod (\S+?):)`,
			"pod {} has containers that are running or depend on each other", "Stop the pod first, or remove it with force. Its stopped members may be gone already."),
		on(InUse, `is the infra container of pod (\S+) and cannot be removed`, "it holds pod {} together", "Remove the whole pod instead, if that is meant."),
		on(InUse, `cannot remove container (\S+) as it is (?:running|paused)`, "container {} is running or paused", "Stop it first, or remove it with force."),
		on(InUse, `(?:image used by (\S+?): )?image is in use by a container`, "a container ({}) uses the image",
			"Remove the container first, or the image with force, which removes the container too."),
		on(InUse, `unable to delete image "(\S+?)" by ID with more than one tag`, "image {} has several names",
			"Name them instead of the id: each goes by itself, and the image with the last. force removes all."),
		on(InUse, `volume (\S+) is being used`, "containers use the volume {}", "Remove them first; force removes them too."),
		on(InUse, `"(\S+)" has associated containers|network is being used`, "containers use the network {}", "Remove or disconnect them first; force removes them too."),
		on(InUse, `container (\S+) has dependent containers|a container that depends on container (\S+)`, "other containers depend on {}: they share its network or its volumes",
			"Remove those first, if that is meant."),
		on(InUse, `(\S+) has dependent containers|dependency exists|dependent child|is in use by|is being used`,
			"others depend on {}", "Remove those first, or use force."),
		on(NotRunning, `no containers in pod (\S+) have no dependencies`, "pod {} has no container that could be started",
			"Run containers in it first: podman_run with pod."),
		on(NotRunning, `can only kill running containers\. (\S+) is in state \w+`, "container {} is not running", start),
		on(NotRunning, `can only create exec sessions on running containers`, "the container is not running", start+" A paused one must be unpaused."),
		on(NotRunning, `(?:attach to|be used on) running containers`, "the container is not running", start+" A paused one must be unpaused."),
		on(NotRunning, `container (\S+) is not running`, "container {} is not running", start),
		on(NotRunning, `is not running, can't pause`, "the container is not running", start),
		on(NotRunning, `"(\S+)" is not paused, can't unpause`, "container {} is not paused", "Nothing to unpause."),
		on(NotRunning, `"(\S+)" is already paused`, "container {} is paused already", "Nothing to pause."),
		on(NotRunning, `container (\S+) must be in Created or Stopped state to be started`, "container {} cannot be started in its state", unpause),
		on(NotRunning, `(?:restart a container in a paused|container (\S+) is running or paused, refusing)`, "the container is paused", unpause),
		on(NotRunning, `container (\S+) has already been created in runtime`, "container {} is running already", "Nothing to do."),
		on(InUse, `cannot change settings while the vm is running|unable to change settings unless vm is stopped`, "the machine must be stopped first",
			"Stop it with podman_machine_stop, which ends its containers, and call again."),
		on(InUse, `only one VM can be active at a time`, "another machine is running, and podman runs one at a time",
			"podman_machine_ls shows which; stop it first."),
		on(NotRunning, `container state improper|state improper`, "the container's state does not allow this", "podman_ps with all shows its state."),
	}
}

func missingRules() []rule {
	const list = "podman_ps with all lists those there are."
	return []rule{
		on(ContainerNotFound, `no container with (?:name or ID|ID or name) "?([^"\s]+)"? found|no such container "?([^"\s]+)"?|container "(.+?)" does not exist|(\S+) not found: (?:layer|container) not known|no such object: "(.+?)"`,
			`there is no container "{}"`, list),
		on(ContainerNotFound, `^name or ID "([^"\s]+)" not found`, `there is no container, pod or volume "{}"`,
			"podman_ps with all, podman_pod_ps and podman_volume_ls list those there are."),
		on(ContainerNotFound, `no such container|no such object`, "there is no such container", list),
		on(PodNotFound, `no pod with (?:name or ID|ID or name) "?([^"\s]+?)"? found|no such pod "?([^"\s]+)"?|no such pod`, `there is no pod "{}"`, "podman_pod_ps lists those there are."),
		on(VolumeNotFound, `no volume with (?:name|name or ID) "?([^"\s]+?)"? found|no such volume "?([^"\s]+)"?|no such volume`, `there is no volume "{}"`, "podman_volume_ls lists those there are."),
		on(NetworkNotFound, `network with name or ID "?([^"\s]+?)"?: network not found|network not found`, `there is no network "{}"`, "podman_network_ls lists those there are."),
		on(MachineNotFound, `(?:^|\s)(\S+): VM does not exist|(?i:machine|VM) "?(\S+?)"? (?:not found|does not exist)`, `there is no machine "{}"`,
			"podman_machine_ls lists those there are; podman machine init makes one."),
		on(SecretNotFound, `no secret with name or id "(.+?)"|no such secret "(.+?)"|no such secret`, `there is no secret "{}"`, "podman_secret_ls lists those there are."),
		on(ImageNotFound, `(?:^|[\s:])([^\s:][^\s]*?): image not known|image not known`, `there is no image "{}" here`, "podman_images lists those there are; podman_pull fetches one."),
		on(ImageNotFound, `(?:^|\s)(\S+): tag not known|tag not known`, `the image has no name "{}"`, "podman_images lists the names there are."),
	}
}

// parameterRules are words that podman refused: what the tools let through, or what only podman can know.
func parameterRules() []rule {
	return []rule{
		on(InvalidParams, `payload does not match any of the supported image formats`, "the file is no archive of images that podman can read",
			"podman_save, podman save and docker save write such files; a container's file system from podman export is not one."),
		on(InvalidContainerName, `container create option: names must match`, "the container's name is not possible",
			"It begins with a letter or digit and goes on with letters, digits, _ . and -."),
		on(InvalidParams, `(?:volume "(.+?)": .*|network name (.+?) invalid: |running \w+ create option: )names must match`, "the name is not possible",
			"It begins with a letter or digit and goes on with letters, digits, _ . and -."),
		on(InvalidParams, `(?:^Invalid image name "([^"]*)"|(?:(?:parsing reference|normalizing name) "([^"]*)": )?(?:invalid reference format|repository name must (?:be lowercase|have at least one)|reference parameter cannot be empty))`,
			"", "An image is [registry/]name[:tag] or name@sha256:…, in lower case and without spaces."),
		on(InvalidParams, `statfs (\S.*?): no such file or directory`, "the host path {} does not exist", "Create it first, or use a volume's name instead of a path."),
		on(InvalidParams, `stat (/dev/\S+): no such file or directory`, "the host has no device {}", "Check the path."),
		on(InvalidParams, `"(.+?)" could not be found on (?:the host|container)`, "", "Check the path."),
		on(InvalidParams, `destination must be a directory when copying from stdin`, "the folder of the file does not exist in the container, or is none",
			"Create it first, or name a file in a folder that is there."),
		on(InvalidParams, `destination must be a directory when copying a directory`, "a folder cannot be copied onto a file", "Name another path in the container."),
		on(TooOld, `unknown (?:shorthand )?flag: '?([^\s']+)`, "this podman does not know the option {}",
			"It is older than what was asked for; podman-mcp doctor shows its version."),
		on(TooOld, `(?:unrecognized|unknown) command \x60?(.+?)\x60?(?:\n|$)`, "this podman does not know the command {}",
			"It is older than what was asked for, or a remote client; podman-mcp doctor shows its version."),
		on(TooOld, `accepts \d+ arg\(s\), received \d+`, "this podman does not know the command", // but the noun before it
			"It is older than what was asked for, or a remote client; podman-mcp doctor shows its version."),
		on(PodmanError, `cannot use command "(.+?)" with the remote podman client`, `"{}" does not work through a socket or a machine`, "Run it where podman's service runs."),
		on(InvalidParams, `container (\S+) is (?:already|not) connected to network`, "", "Nothing to do."),
		on(InvalidParams, `is not supported: invalid network mode`, "the container is on no network that others can be joined to",
			"It was run with network none or host, or shares another's; run it again on a network."),
		on(InvalidParams, `cannot create network with name "(.+?)" because it conflicts`, `"{}" means something else to podman than a network's name`,
			"Choose another name."),
		on(InvalidParams, `invalid argument "(.*?)" for "(?:.+?)" flag`, "", "Give a value of the kind that the option takes."),
		on(InvalidParams, `container id file exists`, "", "Remove the file first."),
		on(InvalidParams, `farm "?(\S+?)"? not found|no (?:default )?farms? (?:found|configured|set)`, `podman has no farm "{}"`,
			"podman farm list shows those there are; the operator makes one with podman farm create."),
		on(PodmanError, `secret (\S+) is not valid JSON`, "this podman cannot put the YAML's secret {} into a variable",
			"Podman 4.3 cannot read there what it wrote itself: mount the secret as a volume, give the value plainly, or update podman."),
		on(PodmanError, `^EOF$`, "podman wanted an answer on a terminal", "Use force: there is nobody to ask."),
		on(InvalidParams, `secret data must be larger than 0 and less than (\d+) bytes`, "the secret's value is empty, or {} bytes or longer",
			"Give a shorter one, or one that is not empty."),
		on(InvalidParams, `environment variable (\S+) is not set`, "the server has no environment variable {}",
			"The operator sets it where the server is started, or put the value into a file."),
		on(InvalidParams, invalidWords, "", "Change what podman complains about and try again."),
	}
}

// invalidWords are podman's ways to say that a value is wrong.
const invalidWords = `invalid argument|invalid filter|invalid image filter|is an invalid filter|unsupported image filter|unknown container state` +
	`|flag needs an argument|requires at least \d+ arg|takes no arguments|no names or ids specified|invalid (?:environment )?variable` +
	`|template: |invalid signal|unable to interpret time value|invalid duration|invalid size|invalid syntax|invalid port` +
	`|port numbers|different lengths|unrecognized protocol|as an IP address|unsupported pull policy|option conflicts with` +
	`|invalid (?:secret name|CIDR address|mount option|ulimit|option type|filesystem type|label format|container path|type "|log driver|volume|value)` +
	`|incorrect volume format|must be an absolute path|host directory cannot be empty|unknown capability|seccomp profile` +
	`|supported kube kind|yaml: |cannot unmarshal |unsupported transport|Log Level "|doesn't support modifying existing images` +
	`|does not match any of the supported image formats|filters are not applicable to list tags|cannot be removed: default network|default network .* cannot be removed` +
	`|(?:stat|faccessat|open) /\S+: no such file or directory`

// hostRules tell of the host's own troubles, by words that anything may contain.
func hostRules() []rule {
	return []rule{
		on(PermissionDenied, `(?:insufficient UIDs or GIDs|not be enough IDs available|newuidmap|cannot find UID/GID|/etc/sub[ug]id)`,
			"this user has too few subordinate ids for rootless containers", "Add the user to /etc/subuid and /etc/subgid, then run podman system migrate."),
		on(PermissionDenied, `cannot run command "\S+ (.+?)" as root`, "podman {} does not work for root", "Run the server as the user whose machine it is."),
		on(PodmanError, `no space left on device`, "the disk is full", "Free space: podman system df shows what podman holds, podman system prune removes what is unused."),
		on(PodmanError, `database is locked|acquiring lock`, "podman's store is locked by another podman", "Wait for the other command and try again."),
		on(PermissionDenied, `(\S+): (?i:permission denied)|OCI permission denied|(?i:operation not permitted)`, "",
			"Check who owns the file or socket, SELinux labels (:z on a mount), and whether this needs root."),
		on(PodmanError, `OCI runtime (?:error|attempted)`, "", "The container's runtime could not start it; podman-mcp doctor checks the set-up."),
	}
}
