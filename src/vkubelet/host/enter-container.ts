import { spawn } from 'node:child_process'
import { CAPABILITY_NUMBERS } from '../pod/capabilities.ts'
import type { Security } from '../pod/pod.ts'

interface Wanted {
  readonly unit: string
  /** Its main process. */
  readonly pid: number
  readonly security: Security
  readonly workingDir?: string | undefined
  readonly command: readonly string[]
  readonly signal: AbortSignal
}

/**
 * Runs a command in a running container: with its view of the file system, its environment, its user, its rights and its
 * cgroup, so its limits count and it ends with the container. `/run` is the container's own, which no second unit could
 * have. A seccomp filter of the container does not hold for it.
 *
 * nsenter(1) would start another program of the container's file system while it still has all rights of root, and that
 * program could be the container's own. So Perl, which every Debian has (perl-base is essential), enters, gives all rights
 * away, and only then starts anything.
 * @returns its exit code; 128 and more where a signal ended it
 * @throws Error where Perl can't be started, or `signal` ends it first
 */
export function enterContainer({ unit, pid, security, workingDir, command, signal }: Wanted): Promise<number> {
  const { user, capabilities, mayGainPrivileges } = security
  const kept = capabilities.map((name) => CAPABILITY_NUMBERS[name]).filter((one) => one !== undefined)
  // systemd lets no dynamic user gain rights
  const isTight = !mayGainPrivileges || user !== 0
  const words = [unit, `${pid}`, `${user}`, isTight ? '1' : '0', kept.join(','), workingDir ?? '/', ...command]
  return new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/perl', ['-e', ENTER, '--', ...words], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      cwd: '/',
      stdio: 'ignore',
      signal,
      killSignal: 'SIGKILL',
    })
    child.on('error', reject)
    child.on('close', (code, killedBy) => resolve(code ?? 128 + (killedBy === 'SIGKILL' ? 9 : 15)))
  })
}

/** Exit codes of the script itself, as a shell's: it could not enter, or the program could not be started. */
export const NOT_ENTERED = 125

/** Numbers of system calls (asm/unistd.h): setns, prctl, setgroups, setresgid, setresuid. */
const CALLS = process.arch === 'arm64' ? [268, 167, 159, 149, 147] : [308, 157, 116, 119, 117]

/**
 * All that is read of the process is read in one folder of /proc, which stays that of this process: another one that gets
 * its number later is never entered.
 */
const ENTER = `
my ($unit, $pid, $user, $tight, $kept, $folder, @command) = @ARGV;
my ($setns, $prctl, $setgroups, $setresgid, $setresuid) = (${CALLS.join(', ')});
sub call { return syscall(shift, map { $_ + 0 } @_) }
sub give_up { exit ${NOT_ENTERED} }
sub text { my ($path) = @_; local $/; open(my $file, '<', $path) or give_up(); my $text = <$file>; close($file); return $text }
chdir("/proc/$pid") or give_up();
open(my $namespace, '<', 'ns/mnt') or give_up();
my @groups = split(/\\n/, text('cgroup'));
give_up() unless grep { substr($_, -length("/$unit")) eq "/$unit" } @groups;
my %environment = map { my ($name, $value) = split(/=/, $_, 2); ($name => $value // '') } grep { /^[A-Za-z_]/ } split(/\\0/, text('environ'));
my ($gid) = text('status') =~ /^Gid:\\s+(\\d+)/m or give_up();
$gid = 0 if $user == 0;
my ($last) = text('/proc/sys/kernel/cap_last_cap') =~ /^(\\d+)/ or give_up();
for my $line (@groups) {
  my (undef, $controllers, $path) = split(/:/, $line, 3);
  $controllers =~ s/^name=//;
  my @places = $controllers eq '' ? ('/sys/fs/cgroup/unified', '/sys/fs/cgroup') : ("/sys/fs/cgroup/$controllers");
  for my $place (@places) {
    next unless -e "$place$path/cgroup.procs";
    open(my $procs, '>', "$place$path/cgroup.procs") or give_up();
    syswrite($procs, $$) or give_up();
    close($procs) or give_up();
    last;
  }
}
open(my $score, '>', '/proc/self/oom_score_adj') or give_up();
syswrite($score, '0') or give_up();
close($score);
umask(022);
call($setns, fileno($namespace), 0x20000) == 0 or give_up();
close($namespace);
my %kept = map { $_ => 1 } split(/,/, $kept);
for my $capability (0 .. $last) { $kept{$capability} or call($prctl, 24, $capability, 0, 0, 0) == 0 or give_up() }
call($setgroups, 0, 0) == 0 or give_up();
call($setresgid, $gid, $gid, $gid) == 0 or give_up();
call($setresuid, $user, $user, $user) == 0 or give_up();
!$tight or call($prctl, 38, 1, 0, 0, 0) == 0 or give_up();
chdir($folder) or exit 126;
%ENV = %environment;
{ no warnings; exec { $command[0] } @command; }
exit($! == 2 ? 127 : 126);
`
