// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.EndToEnd.Support;

/// <summary>A real kube-apiserver on a real etcd, without a kube-controller-manager, for as long as a test runs.</summary>
internal sealed class RealApiServer : IAsyncDisposable
{
    /// <summary>The token of its administrator, who is admin in system:masters.</summary>
    public const string Token = "administrator-of-a-test";

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _processes = [];

    private RealApiServer(Uri address) => Address = address;

    public Uri Address { get; }

    /// <param name="flags">More flags of kube-apiserver; they may use files by absolute paths.</param>
    public static async Task<RealApiServer> StartAsync(params string[] flags)
    {
        var (port, etcdPort, peerPort) = (Ports.Free(), Ports.Free(), Ports.Free());
        var server = new RealApiServer(new Uri($"https://127.0.0.1:{port}"));
        try
        {
            await server.StartProcessesAsync(port, etcdPort, peerPort, flags);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes <c>server.crt</c> and <c>server.key</c> for <c>--tls-cert-file</c> and its flag; answers the CA, PEM.</summary>
    public static async Task<string> MakeServingAsync(TemporaryFolder folder)
    {
        var now = TimeProvider.System.GetUtcNow();
        var authority = CertificateAuthority.CreateRoot("cluster", KeyPair.Generate(), now);
        using var key = KeyPair.Generate();
        var certificate = authority.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create("kube-apiserver"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Server,
                Names = SubjectAlternativeNames.ForHosts(["127.0.0.1"]),
            },
            now).Require();
        await File.WriteAllTextAsync(folder["server.crt"], certificate.ToPem());
        await File.WriteAllTextAsync(folder["server.key"], key.ToPkcs8Pem());
        return authority.Certificate.ToPem();
    }

    /// <summary>A client that acts as the administrator.</summary>
    public HttpClient NewClient()
    {
        // The server was started by this test on loopback and makes its own certificate.
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { Authorization = new("Bearer", Token) } };
    }

    /// <summary>Writes a kubeconfig for whoever has a token; the administrator's own where none is given.</summary>
    public Task WriteKubeconfigAsync(string path, string caPem, string token = Token) => File.WriteAllTextAsync(
        path,
        $$"""
        apiVersion: v1
        kind: Config
        current-context: c
        clusters: [{name: c, cluster: {server: "{{Address.GetLeftPart(UriPartial.Authority)}}", certificate-authority-data: "{{Convert.ToBase64String(Encoding.ASCII.GetBytes(caPem))}}" } }]
        users: [{name: u, user: {token: "{{token}}" } }]
        contexts: [{name: c, context: {cluster: c, user: u} }]

        """);

    public Task<ToolResult> KubectlAsync(string arguments, string? input = null) => Tool.RunAsync(
        Peers.Kubectl,
        [
            .. $"--server={Address} --token={Token} --insecure-skip-tls-verify --kubeconfig=/dev/null {arguments}"
                .Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ], input);

    public ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StartProcessesAsync(int port, int etcdPort, int peerPort, string[] flags)
    {
        using (var key = RSA.Create(2048))
            await File.WriteAllTextAsync(_folder["sa.key"], key.ExportRSAPrivateKeyPem());
        await File.WriteAllTextAsync(_folder["tokens.csv"], $"{Token},admin,admin,\"system:masters\"\n");
        Start("etcd",
            $"--name=default --data-dir={_folder["etcd"]} --listen-client-urls=http://127.0.0.1:{etcdPort} " +
            $"--advertise-client-urls=http://127.0.0.1:{etcdPort} --listen-peer-urls=http://127.0.0.1:{peerPort} " +
            $"--initial-advertise-peer-urls=http://127.0.0.1:{peerPort} --initial-cluster=default=http://127.0.0.1:{peerPort}");
        Start(Path.Combine(Peers.Kubernetes!, "kube-apiserver"),
            $"--bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port={port} --cert-dir={_folder["pki"]} " +
            $"--etcd-servers=http://127.0.0.1:{etcdPort} --token-auth-file={_folder["tokens.csv"]} --authorization-mode=RBAC " +
            $"--service-account-key-file={_folder["sa.key"]} --service-account-signing-key-file={_folder["sa.key"]} " +
            "--service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/16 --endpoint-reconciler-type=none " +
            string.Join(' ', flags));
        using var client = NewClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(Address, "/readyz"));
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (attempt < 300 && _processes.TrueForAll(process => !process.HasExited))
            {
            }

            Assert.True(attempt < 300, "kube-apiserver did not get ready");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private void Start(string program, string arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        }) ?? throw new InvalidOperationException($"{program} did not start");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }
}
