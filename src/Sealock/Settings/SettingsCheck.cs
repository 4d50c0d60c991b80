// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Jose;
using Sealock.Gateway.Audit.Policies;
using Sealock.Hosting;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Settings;

/// <summary>Looks into the files that settings name, one rule after the other, so that all mistakes are told at once.</summary>
internal static class SettingsCheck
{
    /// <summary>Adds what is wrong with files to the reader's mistakes, and what is unwise to its warnings.</summary>
    public static void Files(ServerSettings settings, SettingsReader reader)
    {
        foreach (var (ofCertificate, ofKey, pair) in Pairs(settings))
        {
            if (CertificatesMistake(pair.CertificateFile) is { } unreadable)
                reader.Mistakes.Add($"{ofCertificate}: {unreadable}");
            else if (PemFiles.PairMistake(pair.CertificateFile, pair.KeyFile) is { } mistake)
                reader.Mistakes.Add($"{ofKey}: {mistake}");
        }

        foreach (var (name, file) in Bundles(settings))
        {
            if (CertificatesMistake(file) is { } mistake)
                reader.Mistakes.Add($"{name}: {mistake}");
        }

        foreach (var signing in settings.SignerFiles.Values.Prepend(settings.ClusterSigning).OfType<KeyPairFiles>())
        {
            if (PemFiles.TryReadFirst(signing.CertificateFile) is { HasBasicConstraints: true, IsCa: false })
                reader.Mistakes.Add($"--cluster-signing-cert-file: {signing.CertificateFile} is not a CA certificate; give the CA's");
        }

        if (settings.Acme is { ExternalKeyId: { } keyId, ExternalKeyFile: { } keyFile } && ExternalKeyMistake(keyId, keyFile) is { } eab)
            reader.Mistakes.Add($"--acme-eab-key-file: {eab}");
        Audit(settings.Audit, reader);
        if (settings.ServiceAccountSigningKeyFile is { } signingKey && settings.ServingCertificate is { } serving
            && KeyOf(signingKey) is { } key && PemFiles.TryReadFirst(serving.CertificateFile)?.PublicKey is { } served && key.Equals(served))
            reader.Warnings.Add($"--service-account-private-key-file: {signingKey} is also the key of the serving certificate; "
                + "whoever gets one can forge the other, so make a key of its own: openssl ecparam -name prime256v1 -genkey");
        if (settings is { ClientCaFile: not null, ClusterSigning: null, SignerFiles.Count: 0 })
            reader.Warnings.Add("--client-ca-file: certificate signing requests are not signed, because the CA's key is not known; "
                + "give --cluster-signing-cert-file and --cluster-signing-key-file");
    }

    private static void Audit(AuditSettings audit, SettingsReader reader)
    {
        if (audit.PolicyFile is { } policy)
        {
            if (PolicyMistake(policy) is { } mistake)
                reader.Mistakes.Add($"--audit-policy-file: {mistake}");
            if (audit is { LogPath: null, WebhookConfigFile: null })
                reader.Mistakes.Add("--audit-policy-file: says what is audited but not where to; give --audit-log-path or --audit-webhook-config-file");
        }
        else if (audit.LogPath is not null || audit.WebhookConfigFile is not null)
        {
            reader.Mistakes.Add($"{(audit.LogPath is null ? "--audit-webhook-config-file" : "--audit-log-path")}: "
                + "nothing is audited without a policy; give --audit-policy-file, too");
        }

        if (audit.WebhookConfigFile is { } webhook && WebhookConnection.Mistake(webhook) is { } fault)
            reader.Mistakes.Add($"--audit-webhook-config-file: {fault}");
    }

    private static string? PolicyMistake(string file)
    {
        try
        {
            AuditPolicyFile.Load(file);
            return null;
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    private static IEnumerable<(string OfCertificate, string OfKey, KeyPairFiles Files)> Pairs(ServerSettings settings)
    {
        if (settings.ServingCertificate is { } serving)
            yield return ("--tls-cert-file", "--tls-private-key-file", serving);
        foreach (var named in settings.NamedCertificates)
            yield return ("--tls-sni-cert-key", "--tls-sni-cert-key", named.Files);
        if (settings.ClusterSigning is { } signing)
            yield return ("--cluster-signing-cert-file", "--cluster-signing-key-file", signing);
        foreach (var (signer, files) in settings.SignerFiles)
            yield return ($"the CA of signer {signer}", $"the CA of signer {signer}", files);
    }

    private static IEnumerable<(string Name, string File)> Bundles(ServerSettings settings)
    {
        if (settings.ClientCaFile is { } clients)
            yield return ("--client-ca-file", clients);
        if (settings.RootCaFile is { } root)
            yield return ("--root-ca-file", root);
        if (settings.ServingCaFile is { } serving)
            yield return ("--tls-ca-file", serving);
        if (settings.Acme.CaFile is { } acme)
            yield return ("--acme-ca-file", acme);
        if (settings.ExternalCaFile is { } external)
            yield return ("--external-ca-file", external);
    }

    private static string? CertificatesMistake(string file)
    {
        try
        {
            return Certificate.ListFromPem(File.ReadAllText(file)).Count == 0 ? $"{file} holds no certificate" : null;
        }
        catch (Exception error) when (error is PkiFormatException or IOException or UnauthorizedAccessException)
        {
            return PemFiles.Fault(file, error);
        }
    }

    private static string? ExternalKeyMistake(string keyId, string file)
    {
        try
        {
            _ = new ExternalAccount(keyId, File.ReadAllText(file));
            return null;
        }
        catch (Exception error) when (error is PkiFormatException or IOException or UnauthorizedAccessException)
        {
            return PemFiles.Fault(file, error);
        }
    }

    private static PublicKeyInfo? KeyOf(string file)
    {
        try
        {
            using var key = KeyPair.FromPem(File.ReadAllText(file));
            return key.PublicKey;
        }
        catch (Exception error) when (error is PkiFormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
