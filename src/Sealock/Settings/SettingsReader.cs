// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Gateway.Addresses;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Sealock.Settings;

/// <summary>
/// Collects values one by one and every mistake in them, so that all are told at once. Each mistake names the setting
/// as the user wrote it and says what to do.
/// </summary>
internal sealed class SettingsReader
{
    private string _origin = "";

    /// <summary>Everything that is wrong so far.</summary>
    public List<string> Mistakes { get; } = [];

    /// <summary>What is accepted but has no effect, or is unwise.</summary>
    public List<string> Warnings { get; } = [];

    public string? DataDirectory { get; set; }
    public IPAddress BindAddress { get; set; } = IPAddress.Any;
    public int SecurePort { get; set; } = 6443;
    public List<IPEndPoint> Listen { get; } = [];
    public List<string> HostNames { get; } = [];
    public TlsMode? TlsMode { get; set; }
    public string? CertificateFile { get; set; }
    public string? KeyFile { get; set; }
    public string? SigningCertificateFile { get; set; }
    public string? SigningKeyFile { get; set; }
    public Dictionary<string, (string? Certificate, string? Key)> SignerFiles { get; } = [];
    public ServerSettings Settings { get; set; } = new() { DataDirectory = "", Listen = [] };

    /// <summary>What holds for traffic.</summary>
    public TrafficReader Traffic { get; } = new();

    /// <summary>All values as they were given, by setting.</summary>
    public Dictionary<string, List<string>> Given { get; } = [];

    /// <summary>Applies one value; a mistake is recorded under <paramref name="origin"/>.</summary>
    public void Apply(Setting setting, string origin, string value)
    {
        _origin = origin;
        Note(setting, value);
        setting.Apply(this, value);
    }

    /// <summary>Applies one value that is a mapping.</summary>
    public void Apply(Setting setting, string origin, JsonObject value)
    {
        _origin = origin;
        Note(setting, value.ToJsonString());
        setting.ApplyMapping?.Invoke(this, value);
    }

    private void Note(Setting setting, string value)
    {
        if (!Given.TryGetValue(setting.Name, out var values))
            Given.Add(setting.Name, values = []);
        values.Add(value);
    }

    public void Mistake(string text) => Mistakes.Add($"{_origin}: {text}");

    public void Warn(string text) => Warnings.Add($"{_origin}: {text}");

    public string? File(string path)
    {
        if (path.Length == 0)
            Mistake("names no file; give a path");
        else if (Directory.Exists(path))
            Mistake($"{path} is a directory; give a file");
        else if (!System.IO.File.Exists(path))
            Mistake($"{path} does not exist; check the path");
        else
            return path;
        return null;
    }

    public IReadOnlyList<Cidr> Cidrs(string value)
    {
        try
        {
            IReadOnlyList<Cidr> ranges = [.. List(value).Select(Cidr.Parse)];
            // An empty list of who is let in would let everyone in.
            if (ranges.Count == 0)
                Mistake("names no range of addresses; write it like 10.0.0.0/8, or leave it out");
            return ranges;
        }
        catch (FormatException error)
        {
            Mistake(error.Message);
            return [];
        }
    }

    public int? Integer(string value, int low, int high)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high)
            return number;
        Mistake($"\"{value}\" is not a whole number from {low} to {high}");
        return null;
    }

    public bool? Boolean(string value)
    {
        if (value is "true" or "1" or "")
            return true;
        if (value is "false" or "0")
            return false;
        Mistake($"\"{value}\" is neither true nor false");
        return null;
    }

    public TimeSpan? Duration(string value, TimeSpan low, TimeSpan high)
    {
        if (!GoDuration.TryParse(value, out var duration))
            Mistake($"\"{value}\" is not a duration; write it like 8760h, 30m or 20s");
        else if (duration < low || duration > high)
            Mistake($"{value} is out of range; give something from {low.TotalSeconds:0}s to {high.TotalSeconds:0}s");
        else
            return duration;
        return null;
    }

    public string? Namespace(string value)
    {
        if (NameRules.IsDnsLabel(value))
            return value;
        Mistake($"\"{value}\" is not the name of a namespace");
        return null;
    }

    public bool IsHost(string value)
    {
        if (Uri.CheckHostName(value) != UriHostNameType.Unknown)
            return true;
        Mistake($"\"{value}\" is neither a name nor an address");
        return false;
    }

    public IPAddress? Address(string value)
    {
        if (IPAddress.TryParse(value, out var address))
            return address;
        Mistake($"\"{value}\" is not an IP address");
        return null;
    }

    public IPEndPoint? EndPoint(string value)
    {
        var colon = value.LastIndexOf(':');
        if (colon > 0 && int.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port <= 65535 && IPAddress.TryParse(value[..colon].Trim('[', ']'), out var address))
            return new IPEndPoint(address, port);
        Mistake($"\"{value}\" is not ADDRESS:PORT; write it like 0.0.0.0:6443 or [::]:443");
        return null;
    }

    public static IEnumerable<string> List(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The settings; checks what depends on several values. Meaningless while there are mistakes.</summary>
    public ServerSettings Finish(string defaultDataDirectory)
    {
        _origin = "--tls-cert-file and --tls-private-key-file";
        if (CertificateFile is null != KeyFile is null && Mistakes.Count == 0)
            Mistake("go together; give both, or none to let Sealock make the serving certificate");
        var mode = TlsMode ?? (CertificateFile is null ? Sealock.Settings.TlsMode.SelfSigned : Sealock.Settings.TlsMode.Files);
        if (Mistakes.Count == 0)
            CheckMode(mode);
        _origin = "--cluster-signing-cert-file and --cluster-signing-key-file";
        if (SigningCertificateFile is null != SigningKeyFile is null && Mistakes.Count == 0)
            Mistake("go together; give both");
        Traffic.Check(this);
        foreach (var (signer, files) in SignerFiles)
        {
            _origin = $"the CA of signer {signer}";
            if (files.Certificate is null || files.Key is null)
                Mistake("needs a certificate file and a key file; give both");
        }

        return Settings with
        {
            DataDirectory = DataDirectory ?? defaultDataDirectory,
            Traffic = Traffic.Finish(Settings.MaxRequestsInFlight, Settings.MaxMutatingRequestsInFlight),
            ExternalCaFile = Traffic.ExternalCaFile,
            Listen = [.. Listen.Count > 0 ? Listen : [new IPEndPoint(BindAddress, SecurePort)]],
            HostNames = HostNames,
            TlsMode = mode,
            ServingSecret = mode == Sealock.Settings.TlsMode.Acme ? AcmeSecret : Settings.ServingSecret,
            ServingCertificate = CertificateFile is null || KeyFile is null ? null : new(CertificateFile, KeyFile),
            ClusterSigning = SigningCertificateFile is null || SigningKeyFile is null
                ? null
                : new(SigningCertificateFile, SigningKeyFile),
            SignerFiles = SignerFiles.Where(pair => pair.Value is { Certificate: not null, Key: not null })
                .ToDictionary(pair => pair.Key, pair => new KeyPairFiles(pair.Value.Certificate ?? "", pair.Value.Key ?? "")),
        };
    }

    /// <summary>Where the certificate of the mode acme is kept.</summary>
    private static SecretName AcmeSecret { get; } = new("sealock-system", "sealock-serving-tls");

    private void CheckMode(TlsMode mode)
    {
        _origin = "--tls-mode";
        switch (mode)
        {
            case Sealock.Settings.TlsMode.Files when CertificateFile is null:
                Mistake("files needs --tls-cert-file and --tls-private-key-file; give both");
                break;
            case not Sealock.Settings.TlsMode.Files when CertificateFile is not null:
                Mistake("--tls-cert-file goes together with files alone; leave one of them out");
                break;
            case Sealock.Settings.TlsMode.Secret when Settings.ServingSecret is null:
                Mistake("secret needs --tls-secret; name the Secret, like kube-system/serving");
                break;
            case Sealock.Settings.TlsMode.Acme when Settings.Acme.OverHttp && Settings.HttpPort is null:
                Mistake("acme with --acme-challenge http-01 needs --http-port; give 80, which is where the CA comes to");
                break;
        }

        if (Settings.Acme.ExternalKeyId is null != Settings.Acme.ExternalKeyFile is null)
            Mistake("--acme-eab-kid and --acme-eab-key-file go together; give both, as the ACME server's owner gave them to you");
        if (mode != Sealock.Settings.TlsMode.Secret && Settings.ServingSecret is not null)
            Mistake("--tls-secret goes together with secret alone; add --tls-mode secret");
    }
}
