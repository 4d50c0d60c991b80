// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>A server in a folder of its own, and a shell beside it in which all programs are at hand.</summary>
internal sealed class FrontDoorServer : IAsyncDisposable
{
    public const string Password = "correct horse battery staple";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _arguments = [];

    private FrontDoorServer()
    {
    }

    public SealockProcess Process { get; private set; } = null!;

    public string Folder => _folder.Path;

    /// <summary>A path in the folder, which is also the shell's.</summary>
    public string this[string name] => _folder[name];

    /// <summary>Starts <c>sealock COMMAND --data data</c> on a free port of 127.0.0.1, with more arguments.</summary>
    /// <param name="prepare">Done before it starts, in its folder.</param>
    /// <param name="arguments">The command, and what else it is given.</param>
    public static async Task<FrontDoorServer> StartAsync(Func<FrontDoorServer, Task>? prepare, params string[] arguments)
    {
        var server = new FrontDoorServer();
        await File.WriteAllTextAsync(server["password"], Password + "\n");
        if (prepare is not null)
            await prepare(server);
        server._arguments.AddRange(
            [arguments[0], "--data", server["data"], .. arguments.Skip(1).Select(argument => argument.Replace("FOLDER", server.Folder, StringComparison.Ordinal))]);
        if (!arguments.Contains("--secure-port"))
            server._arguments.AddRange(["--secure-port", "0", "--bind-address", "127.0.0.1"]);
        await server.RunAsync();
        return server;
    }

    /// <summary><c>sealock up</c>.</summary>
    public static Task<FrontDoorServer> UpAsync() => StartAsync(null, "up");

    /// <summary>Starts it again.</summary>
    public async Task RunAsync() => Process = await SealockProcess.StartAsync([.. _arguments]);

    /// <summary>Sets it up from its own machine.</summary>
    public async Task SetUpAsync(string hostname) =>
        (await ShellAsync($"sealock setup --data data --hostname {hostname} --password-file password")).Succeeded();

    /// <summary>
    /// Runs shell in the folder: <c>sealock</c>, <c>kubectl</c>, <c>PORT</c> and <c>SHA</c> (of the CA made in the data
    /// folder) are there; <c>san NAME</c> prints the names in the certificate that is served for a name,
    /// <c>ask HOST PATH</c> fetches from a host, verified by the CA.
    /// </summary>
    public Task<ToolResult> ShellAsync(string script)
    {
        var bin = Directory.CreateDirectory(_folder["bin"]).FullName;
        var link = Path.Combine(bin, "kubectl");
        if (!File.Exists(link))
            File.CreateSymbolicLink(link, Peers.Kubectl);
        return Tool.ShellAsync(Prelude + script, Folder, new Dictionary<string, string>
        {
            ["PATH"] = $"{bin}:{Path.GetDirectoryName(SealockProcess.Program)}:{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = Directory.CreateDirectory(_folder["home"]).FullName,
            ["KUBECONFIG"] = "",
            ["XDG_STATE_HOME"] = "",
            ["XDG_DATA_HOME"] = "",
            ["PORT"] = $"{Process.Port}",
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is { } process)
            await process.DisposeAsync();
        _folder.Dispose();
    }

    private const string Prelude =
        """
        set +o pipefail
        SHA=$(openssl x509 -in data/pki/ca.crt -noout -fingerprint -sha256 2>/dev/null | cut -d= -f2 || true)
        san() { openssl s_client -connect 127.0.0.1:$PORT ${1:+-servername} ${1:--noservername} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName | tail -1 | tr -d ' '; }
        ask() { host=$1; path=$2; shift 2; curl -sS --cacert data/pki/ca.crt --resolve "$host:$PORT:127.0.0.1" "https://$host:$PORT$path" "$@"; }
        post() { path=$1; shift; curl -sS --cacert data/pki/ca.crt -X POST "https://127.0.0.1:$PORT$path" -o answer -w '%{http_code}\n' "$@"; }
        until_true() { for i in $(seq 150); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.1; done; "$@"; }

        """;
}
