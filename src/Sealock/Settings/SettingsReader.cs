// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using System.Globalization;
using System.Net;

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
    public string? CertificateFile { get; set; }
    public string? KeyFile { get; set; }
    public string? SigningCertificateFile { get; set; }
    public string? SigningKeyFile { get; set; }
    public Dictionary<string, (string? Certificate, string? Key)> SignerFiles { get; } = [];
    public ServerSettings Settings { get; set; } = new() { DataDirectory = "", Listen = [] };

    /// <summary>Applies one value; a mistake is recorded under <paramref name="origin"/>.</summary>
    public void Apply(Setting setting, string origin, string value)
    {
        _origin = origin;
        setting.Apply(this, value);
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
        _origin = "--cluster-signing-cert-file and --cluster-signing-key-file";
        if (SigningCertificateFile is null != SigningKeyFile is null && Mistakes.Count == 0)
            Mistake("go together; give both");
        foreach (var (signer, files) in SignerFiles)
        {
            _origin = $"the CA of signer {signer}";
            if (files.Certificate is null || files.Key is null)
                Mistake("needs a certificate file and a key file; give both");
        }

        return Settings with
        {
            DataDirectory = DataDirectory ?? defaultDataDirectory,
            Listen = [.. Listen.Count > 0 ? Listen : [new IPEndPoint(BindAddress, SecurePort)]],
            HostNames = HostNames,
            ServingCertificate = CertificateFile is null || KeyFile is null ? null : new(CertificateFile, KeyFile),
            ClusterSigning = SigningCertificateFile is null || SigningKeyFile is null
                ? null
                : new(SigningCertificateFile, SigningKeyFile),
            SignerFiles = SignerFiles.Where(pair => pair.Value is { Certificate: not null, Key: not null })
                .ToDictionary(pair => pair.Key, pair => new KeyPairFiles(pair.Value.Certificate ?? "", pair.Value.Key ?? "")),
        };
    }
}
