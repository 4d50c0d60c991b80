// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;

namespace Sealock.Bench.Targets;

/// <summary>A server that is measured: started in a folder of its own, with the same users and rights as every other.</summary>
internal abstract class Target(string name, string folder, int port) : IAsyncDisposable
{
    /// <summary>In <c>system:masters</c>: prepares, is never measured.</summary>
    public const string AdminToken = "admin-token";

    /// <summary>Bound by RBAC, like everyone who is measured.</summary>
    public const string UserToken = "bench-token";

    /// <summary>Another user with the same rights, who means harm.</summary>
    public const string AttackerToken = "attacker-token";

    /// <summary>The group that a role is bound to.</summary>
    public const string UserGroup = "bench-users";

    private X509Certificate2? _ca;

    public string Name => name;

    public string Folder => folder;

    public int Port => port;

    public IPEndPoint Address { get; } = new(IPAddress.Loopback, port);

    public string Url => $"https://127.0.0.1:{Port}";

    /// <summary>The client certificate of a user in <see cref="UserGroup"/>; set by <see cref="Furnishing"/>.</summary>
    public X509Certificate2? UserCertificate { get; set; }

    /// <summary>The server's processes by name: all of those without which it would not answer.</summary>
    public abstract IReadOnlyDictionary<string, int> Processes { get; }

    /// <summary>What is audited into <c>audit.log</c>; null: nothing.</summary>
    public string? AuditPolicy { get; init; }

    /// <summary>The flags that say so, the same for Sealock and kube-apiserver.</summary>
    protected IEnumerable<string> AuditFlags => AuditPolicy is null ? [] :
    [
        $"--audit-policy-file={PolicyFile}", $"--audit-log-path={Path.Combine(LogFolder, "audit.log")}", "--audit-log-maxsize=100", "--audit-log-maxbackup=1",
    ];

    /// <summary>Its CA's certificate.</summary>
    protected abstract string CaFile { get; }

    /// <summary>The file of static tokens, the same for all.</summary>
    protected string TokenFile => Path.Combine(Folder, "bench-tokens.csv");

    /// <summary>Where logs grow: not beside files that are watched for changes.</summary>
    protected string LogFolder => Path.Combine(Folder, "log");

    private string PolicyFile => Path.Combine(Folder, "audit-policy.yaml");

    /// <summary>Gives the server, once it runs, what is asked for and who asks.</summary>
    public virtual Task FurnishAsync(CancellationToken cancellationToken) => Furnishing.FurnishAsync(this, cancellationToken);

    /// <summary>Starts the processes; returns when all have been started.</summary>
    protected abstract Task LaunchAsync(CancellationToken cancellationToken);

    /// <summary>Ends the processes, and waits until they are gone.</summary>
    public abstract Task StopAsync();

    /// <summary>Starts, and tells how long it took until <c>/readyz</c> answered 200.</summary>
    public async Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(LogFolder);
        await File.WriteAllTextAsync(
            TokenFile,
            $"{AdminToken},admin,admin,\"system:masters\"\n{UserToken},bench,bench,\"{UserGroup}\"\n{AttackerToken},attacker,attacker,\"{UserGroup}\"\n",
            cancellationToken);
        if (AuditPolicy is not null)
            await File.WriteAllTextAsync(PolicyFile, AuditPolicy, cancellationToken);
        _ca = null;
        var begin = Stopwatch.GetTimestamp();
        var launched = LaunchAsync(cancellationToken);
        while (!await IsReadyAsync(cancellationToken))
        {
            if (launched.IsFaulted)
                await launched;
            if (Stopwatch.GetElapsedTime(begin) > TimeSpan.FromMinutes(2))
                throw new InvalidOperationException($"{Name} did not get ready; see {Folder}");
            await Task.Delay(5, cancellationToken);
        }

        var took = Stopwatch.GetElapsedTime(begin);
        await launched;
        return took;
    }

    /// <summary>Opens a connection, with the user's client certificate if that is wanted.</summary>
    public Task<HttpsConnection> ConnectAsync(bool withCertificate, CancellationToken cancellationToken) =>
        HttpsConnection.ConnectAsync(
            Address, _ca ??= X509CertificateLoader.LoadCertificateFromFile(CaFile), withCertificate ? UserCertificate : null, cancellationToken);

    /// <summary>A file with the user's certificate and key, PEM.</summary>
    public string UserIdentityFile()
    {
        var file = Path.Combine(Folder, "bench-user.pem");
        var user = UserCertificate ?? throw new InvalidOperationException($"{Name} has no user with a certificate");
        using var key = user.GetECDsaPrivateKey()!;
        File.WriteAllText(file, $"{user.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return file;
    }

    /// <summary>What its processes have used so far.</summary>
    public Usage Usage() => Measuring.Usage.Of(Processes.Values);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        UserCertificate?.Dispose();
        _ca?.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(CaFile))
            return false;
        try
        {
            await using var connection = await ConnectAsync(withCertificate: false, cancellationToken);
            return (await connection.SendAsync(RequestText.Of("GET", "/readyz", AdminToken), cancellationToken)).Status == 200;
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException
            or System.Security.Authentication.AuthenticationException or System.Security.Cryptography.CryptographicException)
        {
            _ca = null;
            return false;
        }
    }
}
