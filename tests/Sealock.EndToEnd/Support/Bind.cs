// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Sealock.Acme.Dns;

namespace Sealock.EndToEnd.Support;

/// <summary>A real bind9, primary server of <c>example.com</c> and <c>other.example</c>, which takes updates signed by a key.</summary>
internal sealed class Bind : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _process;

    private Bind(string algorithm)
    {
        Algorithm = algorithm;
        Secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    }

    public string Algorithm { get; }

    public string KeyName => "acme.key";

    public string Secret { get; }

    public int Port { get; } = Ports.Free();

    /// <summary>Where it answers, as <c>127.0.0.1:PORT</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    public TsigKey Key => new(KeyName, Algorithm, Secret);

    public string Log => _process?.Log ?? "";

    /// <summary>Starts one with more records in its zone <c>example.com</c>; every other name is at the address.</summary>
    public static async Task<Bind> StartAsync(string algorithm = "hmac-sha256", string records = "", string address = "127.0.0.1")
    {
        var bind = new Bind(algorithm);
        await File.WriteAllTextAsync(bind._folder["example.com.zone"], Zone("example.com", address, records));
        await File.WriteAllTextAsync(bind._folder["other.example.zone"], Zone("other.example", address, ""));
        await File.WriteAllTextAsync(bind._folder["named.conf"], $$"""
            options {
              directory "{{bind._folder.Path}}"; pid-file none; session-keyfile none; managed-keys-directory "{{bind._folder.Path}}";
              listen-on port {{bind.Port}} { 127.0.0.1; }; listen-on-v6 { none; };
              recursion no; dnssec-validation no; notify no; allow-query { any; };
            };
            controls { };
            key "{{bind.KeyName}}" { algorithm {{bind.Algorithm}}; secret "{{bind.Secret}}"; };
            zone "example.com" { type primary; file "example.com.zone"; update-policy { grant {{bind.KeyName}} zonesub TXT; }; };
            zone "other.example" { type primary; file "other.example.zone"; allow-update { none; }; };
            """);
        bind._process = ServerProcess.Start(
            File.Exists("/usr/sbin/named") ? "/usr/sbin/named" : "named", ["-g", "-c", bind._folder["named.conf"], "-n", "1"]);
        await bind._process.WaitUntilAsync(() => Task.FromResult(bind.Log.Contains(" running", StringComparison.Ordinal)));
        return bind;
    }

    /// <summary>The TXT values of a name, as dig sees them.</summary>
    public async Task<IReadOnlyList<string>> TextsAsync(string name)
    {
        var answer = await Tool.RunAsync("dig", ["+short", "+norecurse", "@127.0.0.1", "-p", $"{Port}", name, "TXT"]);
        return [.. answer.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim('"')).Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string Zone(string name, string address, string records) => $"""
        $TTL 60
        $ORIGIN {name}.
        @ SOA ns1 admin 1 3600 600 86400 60
        @ NS ns1
        ns1 A 127.0.0.1
        * A {address}
        {records}

        """;
}
