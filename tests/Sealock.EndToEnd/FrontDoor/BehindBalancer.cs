// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.FrontDoor;

/// <summary>
/// Sealock behind load balancers at 127.0.0.1 at which TLS may end: their certificate, its users' tokens, and its audit log, which
/// tells whom it took for the client.
/// </summary>
internal sealed class BehindBalancer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private SealockProcess? _process;

    /// <summary>The administrator's token.</summary>
    public const string Token = "r00t-t0ken";

    /// <summary>Where another than the balancer comes from.</summary>
    public const string Stranger = "127.0.0.9";

    public string Folder => _folder.Path;

    public string this[string name] => _folder[name];

    public SealockProcess Process => _process ?? throw new InvalidOperationException("not started");

    public int Port => Process.Port;

    /// <summary>The certificate that balancers show, which is its own CA.</summary>
    public string Certificate => _folder["balancer.crt"];

    /// <summary>Starts it with more flags.</summary>
    public static async Task<BehindBalancer> StartAsync(params string[] flags)
    {
        var started = new BehindBalancer();
        (await Tool.ShellAsync("""
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=balancer -keyout balancer.key -out balancer.crt \
              -addext subjectAltName=IP:127.0.0.1,DNS:localhost
            cat balancer.crt balancer.key > balancer.pem
            """, started.Folder)).Succeeded();
        await File.WriteAllTextAsync(started["tokens.csv"], $"{Token},root,1,\"system:masters\"\n");
        await File.WriteAllTextAsync(started["audit.yaml"], "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n");
        started._process = await SealockProcess.StartAsync(
            ["server", "--data", started["data"], "--secure-port", "0", "--token-auth-file", started["tokens.csv"],
                "--audit-policy-file", started["audit.yaml"], "--audit-log-path", started["audit.log"], .. flags]);
        return started;
    }

    /// <summary>The newest kubectl against a port of a balancer, as the administrator.</summary>
    public Task<ToolResult> KubectlAsync(int port, params string[] arguments) => Tool.RunAsync(Peers.Kubectl,
    [
        "--kubeconfig", "/dev/null", "--server", $"https://127.0.0.1:{port}", "--certificate-authority", Certificate, "--token", Token,
        "--cache-dir", _folder["cache"], .. arguments,
    ]);

    /// <summary>What curl gets as the administrator: the code, and behind it the body.</summary>
    public async Task<string> CurlAsync(string url, params string[] arguments) => (await Tool.RunAsync("curl",
    [
        "-sk", "--max-time", "20", "-H", $"Authorization: Bearer {Token}", "-w", "\n%{http_code}", .. arguments, url,
    ])) is { ExitCode: 0 } answer ? answer.Output[(answer.Output.LastIndexOf('\n') + 1)..] + " " + answer.Output : "closed";

    /// <summary>Whom the audit log names as the way of the request whose URI has this text in it, client first.</summary>
    public async Task<string> SourcesAsync(string marker)
    {
        string? found = null;
        await WaitUntilAsync(() =>
        {
            found = Lines().Where(line => line.Contains(marker, StringComparison.Ordinal)).Select(line => JsonNode.Parse(line)?["sourceIPs"])
                .OfType<JsonArray>().Select(sources => string.Join(' ', sources.Select(source => source?.GetValue<string>()))).FirstOrDefault();
            return Task.FromResult(found is not null);
        });
        return found!;
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task WaitUntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    private string[] Lines()
    {
        if (!File.Exists(_folder["audit.log"]))
            return [];
        using var log = new FileStream(_folder["audit.log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        var text = reader.ReadToEnd();
        // The last line may still be on its way.
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
