// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;
using Sealock.Gateway.Pipeline;
using Sealock.Gateway.Tokens;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>The keys and names behind service account tokens, from settings or from the data folder.</summary>
internal sealed class ServiceAccountTokens
{
    /// <summary>The issuer when none is named, as kubeadm sets it.</summary>
    public const string DefaultIssuer = "https://kubernetes.default.svc.cluster.local";

    private readonly ServiceAccountKey _signingKey;

    /// <exception cref="CommandException">A key file cannot be used.</exception>
    public ServiceAccountTokens(ServerSettings settings, DataFolder folder)
    {
        var signingKeyFile = settings.ServiceAccountSigningKeyFile ?? folder.ServiceAccountKey;
        _signingKey = Read(signingKeyFile)[0];
        if (!_signingKey.IsPrivate)
            throw new CommandException($"{signingKeyFile} is a public key; service account tokens are signed with the private one, so give that");
        var issuers = settings.ServiceAccountIssuers.Count > 0 ? settings.ServiceAccountIssuers : [DefaultIssuer];
        Options = new ServiceAccountTokenOptions
        {
            Issuers = [.. issuers],
            Keys = [.. settings.ServiceAccountKeyFiles.SelectMany(Read).Prepend(_signingKey).DistinctBy(key => key.KeyId)],
            Audiences = [.. settings.Audiences.Count > 0 ? settings.Audiences : issuers],
        };
    }

    /// <summary>How tokens are judged.</summary>
    public ServiceAccountTokenOptions Options { get; }

    /// <summary>Signs tokens.</summary>
    public ServiceAccountTokenIssuer Issuer(TimeProvider clock) =>
        new(Options.Issuers[0], _signingKey, Options.Audiences, clock);

    /// <summary>What lets others verify the tokens (OpenID Connect discovery).</summary>
    public ImmutableArray<Mount> Mounts(int port)
    {
        var configuration = OidcDiscovery.Configuration(
            Options.Issuers[0], $"https://kubernetes.default.svc.cluster.local:{port}{OidcDiscovery.KeysPath}", Options.Keys);
        var keys = OidcDiscovery.Keys(Options.Keys);
        return
        [
            new Mount(OidcDiscovery.ConfigurationPath, MountAccess.Authorized, exchange => exchange.WriteAsync("application/json", configuration)),
            new Mount(OidcDiscovery.KeysPath, MountAccess.Authorized, exchange => exchange.WriteAsync("application/jwk-set+json", keys)),
        ];
    }

    private static IReadOnlyList<ServiceAccountKey> Read(string file)
    {
        try
        {
            return ServiceAccountKey.ReadPem(File.ReadAllText(file));
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"{file} cannot be used for service account tokens: {error.Message}");
        }
    }
}
