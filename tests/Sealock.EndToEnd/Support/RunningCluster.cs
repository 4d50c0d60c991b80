// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Support;

/// <summary><c>sealock up</c> in a folder of its own, and kubectl against it as its administrator.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SealockProcess? _process;

    internal SealockProcess Process => _process ?? throw new InvalidOperationException("not started");

    /// <summary>The administrator's kubeconfig.</summary>
    public string Kubeconfig => Path.Combine(Data, "admin.conf");

    /// <summary>The data folder.</summary>
    public string Data => _folder["data"];

    /// <summary>A folder for a test's own files.</summary>
    public string Folder => _folder.Path;

    public async Task InitializeAsync() => _process = await SealockProcess.StartAsync("up", "--data", Data, "--secure-port", "0");

    public async Task DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    internal Task<ToolResult> KubectlAsync(params string[] arguments) => KubectlAsync(Peers.Kubectl, null, arguments);

    internal Task<ToolResult> KubectlAsync(string kubectl, string? input, params string[] arguments) =>
        Tool.RunAsync(kubectl, ["--kubeconfig", Kubeconfig, "--cache-dir", _folder["cache-" + Path.GetFileName(kubectl)], .. arguments], input, _folder.Path);

    /// <summary>Runs lines of shell in which <c>kubectl</c> is the given one, as the administrator.</summary>
    internal Task<ToolResult> ShellAsync(string script, string? kubectl = null)
    {
        var bin = Directory.CreateDirectory(_folder["bin-" + Path.GetFileName(kubectl ?? Peers.Kubectl)]).FullName;
        var link = Path.Combine(bin, "kubectl");
        if (!File.Exists(link))
            File.CreateSymbolicLink(link, kubectl ?? Peers.Kubectl);
        var work = Directory.CreateDirectory(_folder["work-" + Guid.NewGuid().ToString("N")]).FullName;
        return Tool.ShellAsync(script, work, new Dictionary<string, string>
        {
            ["PATH"] = $"{bin}:{Path.GetDirectoryName(SealockProcess.Program)}:{Environment.GetEnvironmentVariable("PATH")}",
            ["KUBECONFIG"] = Kubeconfig,
            ["SERVER"] = Process.Url,
            ["DATA"] = Data,
            ["HOME"] = work,
        });
    }
}
