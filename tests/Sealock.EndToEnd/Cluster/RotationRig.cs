// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// A set of three control-plane nodes whose files real programs use where they stand: three etcd members and an nginx that
/// demands client certificates. etcd reads its certificates at each handshake but its trusted CAs only at its start, so
/// the reload command restarts members, one by one; nginx is told to reload.
/// </summary>
internal sealed class RotationRig : IAsyncDisposable
{
    private static readonly string[] Members = ["etcd1", "etcd2", "etcd3"];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, (int Client, int Peer)> _ports = [];
    private int _nginxPort;

    private RotationRig()
    {
    }

    public string Set => _folder["set"];

    /// <summary>The files that clients of now have: taken when their node has been reloaded.</summary>
    public string Current => new FileInfo(CurrentLink).LinkTarget ?? throw new InvalidOperationException("nobody has taken them yet");

    private string CurrentLink => _folder["clients/current"];

    private string Reload => $"bash {_folder["reload.sh"]}";

    private string Endpoints => string.Join(',', Members.Select(member => $"https://{AddressOf(member)}:{_ports[member].Client}"));

    public static async Task<RotationRig> StartAsync()
    {
        var rig = new RotationRig();
        try
        {
            await rig.PrepareAsync();
            await Task.WhenAll(Members.Select(async member => (await Tool.RunAsync("bash", [rig._folder["start-etcd.sh"], member])).Succeeded()));
            (await Tool.RunAsync("nginx", ["-p", rig._folder["nginx"], "-c", "nginx.conf"])).Succeeded();
            (await Tool.RunAsync("bash", [rig._folder["take-client-files.sh"]])).Succeeded();
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps the clients' files of now under a name, as somebody does who got them before a rotation.</summary>
    public async Task<string> KeepClientFilesAsync(string name)
    {
        var kept = _folder[$"clients/{name}"];
        (await Tool.ShellAsync($"rm -rf {kept}; cp -rL {Current} {kept}")).Succeeded();
        return kept;
    }

    /// <summary>Runs <c>sealock pki rotate</c> with the reload command.</summary>
    public Task<ToolResult> RotateAsync(params string[] arguments) => Tool.RunAsync(SealockProcess.Program, Arguments(arguments));

    /// <summary>The same, ended as a power cut would after some time; null where it was killed.</summary>
    public async Task<ToolResult?> RotateAndKillAsync(TimeSpan after, params string[] arguments)
    {
        var start = new ProcessStartInfo(SealockProcess.Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Arguments(arguments))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("sealock did not start");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var exit = process.WaitForExitAsync();
        if (await Task.WhenAny(exit, Task.Delay(after)) == exit)
            return new("sealock pki rotate", process.ExitCode, await output, await errors);
        process.Kill();
        await exit;
        return null;
    }

    /// <summary>The phase in a rotation's state file; null where there is none.</summary>
    public string? PhaseOf(string subject) => StateOf(subject).Phase;

    /// <summary>The phase in a rotation's state file, and how many nodes are not known to be in it.</summary>
    public (string? Phase, int Left, string Text) StateOf(string subject)
    {
        var path = Path.Combine(Set, "state", $"rotate-{subject}.json");
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        if (text.Length == 0 || JsonNode.Parse(text) is not { } state)
            return (null, 0, "");
        var phase = state["phase"]?.GetValue<string>();
        return (phase, state["nodes"]!.AsObject().Count(node => node.Value!.AsArray() is not [{ } only] || only.GetValue<string>() != phase), text);
    }

    /// <summary>Asks nginx with a client's files.</summary>
    public Task<ToolResult> AskNginxAsync(string files) => Tool.RunAsync("curl",
    [
        "-sS", "--fail", "-m", "20", "--cacert", $"{files}/ca.crt", "--cert", $"{files}/admin.pem", "--key", $"{files}/admin.pem",
        $"https://{AddressOf("etcd1")}:{_nginxPort}/",
    ]);

    /// <summary>Writes and reads a key of etcd with a client's files, as etcd's own client does that knows all members.</summary>
    public async Task<ToolResult> AskEtcdAsync(string files, int number)
    {
        var value = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var name = Path.GetFileName(files) == "old" ? "old" : "current";
        var written = await EtcdctlAsync(files, "put", name, value);
        if (written.ExitCode != 0)
            return written;
        var read = await EtcdctlAsync(files, "get", name, "--print-value-only");
        return read.ExitCode != 0 || read.Output.Trim() == value ? read
            : read with { ExitCode = 1, Errors = $"{read.Output.Trim()} was read, {value} had been written" };
    }

    public async ValueTask DisposeAsync()
    {
        // A reload that a killed run had left must not start a member after this.
        await Tool.ShellAsync($"exec 9>{_folder["reload.lock"]}; flock -w 60 9; cd {_folder.Path}; "
            + "for f in *.pid; do [ -f $f ] && kill -9 $(cat $f); done; [ -f nginx/nginx.pid ] && kill -TERM $(cat nginx/nginx.pid); true");
        _folder.Dispose();
    }

    private Task<ToolResult> EtcdctlAsync(string files, params string[] arguments) => Tool.RunAsync(
        "etcdctl",
        [
            "--endpoints", Endpoints, "--cacert", $"{files}/etcd-ca.crt", "--cert", $"{files}/etcd-client.crt", "--key", $"{files}/etcd-client.key",
            "--command-timeout", "20s", "--dial-timeout", "10s", .. arguments,
        ],
        environment: new Dictionary<string, string> { ["ETCDCTL_API"] = "3" });

    private IEnumerable<string> Arguments(string[] arguments)
    {
        string[] endpoints =
        [
            .. Members.SelectMany(member => new[]
            {
                $"{member}/etcd-server={AddressOf(member)}:{_ports[member].Client}",
                $"{member}/etcd-peer={AddressOf(member)}:{_ports[member].Peer}",
                $"{member}/kubelet-serving=none",
                $"{member}/apiserver={(member == "etcd1" ? $"{AddressOf(member)}:{_nginxPort}" : "none")}",
            }),
        ];
        return ["pki", "rotate", .. arguments, "--dir", Set, "--reload-command", Reload, .. endpoints.SelectMany(endpoint => new[] { "--endpoint", endpoint })];
    }

    private async Task PrepareAsync()
    {
        _nginxPort = Ports.Free();
        foreach (var member in Members)
            _ports[member] = (Ports.Free(), Ports.Free());
        (await Tool.RunAsync(SealockProcess.Program,
        [
            "pki", "init", "--out", Set, "--endpoint", $"{AddressOf("etcd1")}:{_nginxPort}",
            .. Members.SelectMany(member => new[] { "--node", $"{member}={AddressOf(member)}" }),
        ])).Succeeded();
        Directory.CreateDirectory(_folder["clients"]);
        Directory.CreateDirectory(_folder["nginx/logs"]);
        var pki = $"{Set}/nodes/etcd1/etc/kubernetes/pki";
        await File.WriteAllTextAsync(_folder["nginx/nginx.conf"], $$"""
            user root;
            worker_processes 1;
            pid {{_folder["nginx/nginx.pid"]}};
            error_log {{_folder["nginx/logs/error.log"]}};
            events { worker_connections 512; }
            http {
              access_log off;
              server {
                listen {{AddressOf("etcd1")}}:{{_nginxPort}} ssl;
                ssl_certificate {{pki}}/apiserver.crt;
                ssl_certificate_key {{pki}}/apiserver.key;
                ssl_client_certificate {{pki}}/ca.crt;
                ssl_verify_client on;
                ssl_verify_depth 3;
                location / { return 200 "$ssl_client_s_dn\n"; }
              }
            }
            """);
        await File.WriteAllTextAsync(_folder["start-etcd.sh"], StartScript());
        await File.WriteAllTextAsync(_folder["reload.sh"], ReloadScript());
        await File.WriteAllTextAsync(_folder["take-client-files.sh"], ClientScript(pki));
    }

    /// <summary>Restarts a member and waits until it serves; its files are those of the set.</summary>
    private string StartScript()
    {
        var cluster = string.Join(',', Members.Select(member => $"{member}=https://{AddressOf(member)}:{_ports[member].Peer}"));
        var cases = string.Join('\n', Members.Select(member => $"{member}) address={AddressOf(member)} client={_ports[member].Client} peer={_ports[member].Peer} ;;"));
        return $$"""
            set -eu
            case $1 in
            {{cases}}
            esac
            pki={{Set}}/nodes/$1/etc/kubernetes/pki/etcd
            pid={{_folder.Path}}/$1.pid
            if [ -f $pid ]; then
              kill $(cat $pid) 2>/dev/null || true
              # One that has ended may stay a zombie until somebody reaps it.
              while grep -q '^State:[[:space:]]*[^Z]' /proc/$(cat $pid)/status 2>/dev/null; do sleep 0.05; done
            fi
            setsid etcd --name $1 --data-dir {{_folder.Path}}/$1.data \
              --listen-client-urls https://$address:$client --advertise-client-urls https://$address:$client \
              --listen-peer-urls https://$address:$peer --initial-advertise-peer-urls https://$address:$peer \
              --initial-cluster {{cluster}} --initial-cluster-state new --initial-cluster-token {{Path.GetFileName(_folder.Path)}} \
              --cert-file $pki/server.crt --key-file $pki/server.key --trusted-ca-file $pki/ca.crt --client-cert-auth \
              --peer-cert-file $pki/peer.crt --peer-key-file $pki/peer.key --peer-trusted-ca-file $pki/ca.crt --peer-client-cert-auth \
              >>{{_folder.Path}}/$1.log 2>&1 9>&- </dev/null &
            echo $! >$pid
            i=0
            until ETCDCTL_API=3 etcdctl --endpoints https://$address:$client --cacert $pki/ca.crt --cert $pki/healthcheck-client.crt \
                --key $pki/healthcheck-client.key --dial-timeout 2s --command-timeout 2s endpoint health >/dev/null 2>&1; do
              i=$((i + 1)); [ $i -lt 60 ] || { echo "$1 does not serve" >&2; exit 1; }
              kill -0 $(cat $pid) || { tail -3 {{_folder.Path}}/$1.log >&2; exit 1; }
              sleep 0.2
            done
            """;
    }

    /// <summary>What an administrator would write; runs one at a time, also beside one that a killed run had left.</summary>
    private string ReloadScript() => $$"""
        set -eu
        exec 9>{{_folder["reload.lock"]}}
        flock 9
        case " $NAME " in *" etcd-ca "*|*" etcd-server "*|*" etcd-peer "*) bash {{_folder["start-etcd.sh"]}} $NODE ;; esac
        if [ $NODE = etcd1 ]; then
          case " $NAME " in *" ca "*|*" apiserver "*) kill -HUP $(cat {{_folder["nginx/nginx.pid"]}}) ;; esac
          bash {{_folder["take-client-files.sh"]}}
        fi
        """;

    /// <summary>What a client's restart does: it takes its files, and uses them until the next one.</summary>
    private string ClientScript(string pki) => $$"""
        set -eu
        next=$(mktemp -d -p {{_folder["clients"]}})
        cp {{pki}}/etcd/ca.crt $next/etcd-ca.crt
        cp {{pki}}/apiserver-etcd-client.crt $next/etcd-client.crt
        cp {{pki}}/apiserver-etcd-client.key $next/etcd-client.key
        # Read once: it may be replaced while this runs.
        conf=$next/admin.conf
        cp {{Set}}/nodes/etcd1/etc/kubernetes/admin.conf $conf
        take() { sed -n "s/^ *$1: //p" $conf | base64 -d; }
        take certificate-authority-data >$next/ca.crt
        { take client-certificate-data; take client-key-data; } >$next/admin.pem
        ln -sfn $next {{_folder["clients"]}}/link
        mv -T {{_folder["clients"]}}/link {{CurrentLink}}
        """;

    private static string AddressOf(string member) => "127.0.0.1" + member[^1];
}
