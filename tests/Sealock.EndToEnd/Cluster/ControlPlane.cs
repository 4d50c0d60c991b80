// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// A control plane of real programs on loopback addresses, from nothing but what <c>sealock pki init</c> and
/// <c>sealock pki flags</c> give. Every node is a root folder of its own.
/// </summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, ComponentProcess> _processes = [];

    // A network of loopback addresses of its own for each cluster, so that default ports are free.
    private readonly string _network = $"127.{Random.Shared.Next(64, 250)}.{Random.Shared.Next(0, 250)}";

    /// <summary>A folder for a test's own files.</summary>
    public string Folder => _folder.Path;

    /// <summary>The set.</summary>
    public string Set => _folder["set"];

    /// <summary>Whether the set has the flat layout.</summary>
    public bool Flat => Pki.StartsWith("/srv", StringComparison.Ordinal);

    /// <summary>The layout's folder of certificates.</summary>
    public string Pki { get; private init; } = "/etc/kubernetes/pki";

    /// <summary>The layout's folder of kubeconfigs.</summary>
    public string Kubeconfigs { get; private init; } = "/etc/kubernetes";

    /// <summary>Makes the set of a cluster of three control-plane nodes, or one, and a worker.</summary>
    /// <param name="masters">How many nodes of the control plane.</param>
    /// <param name="settings">Lines of cluster.yaml beside endpoint, version and nodes.</param>
    public static async Task<ControlPlane> CreateAsync(int masters, string settings = "")
    {
        var plane = settings.Contains("layout: flat", StringComparison.Ordinal)
            ? new ControlPlane { Pki = "/srv/kubernetes", Kubeconfigs = "/srv/kubernetes" }
            : new ControlPlane();
        try
        {
            var nodes = Enumerable.Range(1, masters)
                .Select(i => $"- {{name: master{i}, role: control-plane, addresses: [{plane.AddressOf($"master{i}")}]}}")
                .Append($"- {{name: worker1, addresses: [{plane.AddressOf("worker1")}]}}");
            await File.WriteAllTextAsync(plane._folder["cluster.yaml"],
                $"kubernetesVersion: 1.20.2\nendpoint: {plane.AddressOf("master1")}:6443\n{settings}\nnodes:\n{string.Join('\n', nodes)}\n");
            (await plane.SealockAsync("pki", "init", "--config", plane._folder["cluster.yaml"], "--out", plane.Set)).Succeeded();
            (await plane.SealockAsync("pki", "verify", "--dir", plane.Set)).Succeeded();
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a node.</summary>
    public string AddressOf(string node) => $"{_network}.{(node == "worker1" ? 99 : int.Parse(node["master".Length..], System.Globalization.CultureInfo.InvariantCulture))}";

    /// <summary>The root folder of a node.</summary>
    public string RootOf(string node) => Path.Combine(Set, "nodes", node);

    /// <summary>A file of the folder of certificates, by kubeadm's relative path.</summary>
    public string PkiFile(string node, string relative) => RootOf(node) + Pki + "/" + (Flat ? relative.Replace('/', '-') : relative);

    /// <summary>A kubeconfig by kubeadm's name.</summary>
    public string Kubeconfig(string node, string name) => $"{RootOf(node)}{Kubeconfigs}/{name}";

    /// <summary>What a component has printed so far.</summary>
    public string LogOf(string node, string component) => _processes[$"{node}/{component}"].Log;

    /// <summary>
    /// Starts a component with exactly the flags that are printed for it; with the flat layout from the file of variables,
    /// as a unit of systemd does.
    /// </summary>
    public async Task StartAsync(string component, params string[] nodes)
    {
        foreach (var node in nodes)
        {
            var program = component == "etcd" ? "etcd" : Path.Combine(Peers.Kubernetes!, component);
            var output = (await SealockAsync(
                "pki", "flags", "--dir", Set, "--component", component, "--node", node, "--root", RootOf(node), "-o", Flat ? "env" : "text")).SucceededQuietly();
            if (Flat)
            {
                var variable = component == "etcd" ? "" : $"${output[..output.IndexOf('=', StringComparison.Ordinal)]}";
                await File.WriteAllTextAsync(_folder[component + ".env"], output);
                _processes.Add($"{node}/{component}", new("bash", ["-efc", $"set -a; . ./{component}.env; exec {program} {variable}"], _folder.Path));
            }
            else
            {
                _processes.Add($"{node}/{component}", new(program, output.Split('\n', StringSplitOptions.RemoveEmptyEntries), _folder.Path));
            }
        }
    }

    /// <summary>Asks again and again until the answer is right, as long as everything runs.</summary>
    public async Task<string> UntilAsync(Func<Task<ToolResult>> ask, Func<string, bool>? right = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            var answer = await ask();
            if (answer.ExitCode == 0 && right?.Invoke(answer.Output) != false)
                return answer.Output;
            var ended = _processes.Where(process => process.Value.HasExited).Select(process => $"{process.Key}:\n{process.Value.Log}").ToList();
            Assert.True(ended.Count == 0, string.Join('\n', ended));
            Assert.True(attempt < 600, $"{answer.Command}\n{answer.Output}\n{answer.Errors}");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <summary>Starts etcd on some nodes and waits until it answers.</summary>
    public async Task StartEtcdAsync(params string[] nodes)
    {
        await StartAsync("etcd", nodes);
        await UntilAsync(() => EtcdctlAsync(nodes[0], "endpoint", "health", "--cluster"));
    }

    /// <summary>Starts an API server and waits until it is ready.</summary>
    public async Task StartApiServerAsync(params string[] nodes)
    {
        await StartAsync("kube-apiserver", nodes);
        foreach (var node in nodes)
            await UntilAsync(() => KubectlAsync("master1", "super-admin.conf", "--server", $"https://{AddressOf(node)}:6443", "get", "--raw", "/readyz"));
    }

    /// <summary>etcdctl as the health check's client, against a node's member.</summary>
    public Task<ToolResult> EtcdctlAsync(string node, params string[] arguments) => EtcdctlAsync(
        node, ["--cert", PkiFile(node, "etcd/healthcheck-client.crt"), "--key", PkiFile(node, "etcd/healthcheck-client.key")], arguments);

    /// <summary>etcdctl with credentials of one's choice.</summary>
    public Task<ToolResult> EtcdctlAsync(string node, string[] credentials, string[] arguments) => Tool.RunAsync(
        "etcdctl",
        ["--endpoints", $"https://{AddressOf(node)}:2379", "--cacert", PkiFile(node, "etcd/ca.crt"), "--dial-timeout", "2s", "--command-timeout", "2s", .. credentials, .. arguments],
        environment: new Dictionary<string, string> { ["ETCDCTL_API"] = "3" });

    /// <summary>kubectl with one of the set's kubeconfigs.</summary>
    public Task<ToolResult> KubectlAsync(string node, string kubeconfig, params string[] arguments) => KubectlWithAsync(Kubeconfig(node, kubeconfig), null, arguments);

    /// <summary>kubectl with any kubeconfig.</summary>
    public Task<ToolResult> KubectlWithAsync(string kubeconfig, string? input, params string[] arguments) =>
        Tool.RunAsync(Peers.Kubectl, ["--kubeconfig", kubeconfig, "--cache-dir", _folder["cache"], .. arguments], input, Folder);

    /// <summary>The program under test.</summary>
    public Task<ToolResult> SealockAsync(params string[] arguments) => Tool.RunAsync(SealockProcess.Program, arguments, folder: Folder);

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values.Reverse())
            process.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
