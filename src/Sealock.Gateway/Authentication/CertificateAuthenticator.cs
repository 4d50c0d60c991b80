// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Api.Security;
using Sealock.Gateway.Listener;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Client certificates: common name is the user, organizations are the groups (kube-apiserver's rule). The verdict is
/// remembered on the connection for as long as the CAs stay the same and the certificate is within its time.
/// </summary>
internal sealed class CertificateAuthenticator(ServingSource serving, TimeProvider clock)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    /// <summary>Whom the connection's certificate stands for now.</summary>
    public AuthenticationResult Authenticate(ClientConnection connection)
    {
        if (connection.Certificate.IsEmpty)
            return AuthenticationResult.None;
        var cas = serving.Current.ClientCas;
        if (cas is null)
            return AuthenticationResult.None;
        var now = clock.GetUtcNow();
        var verdict = connection.Verdict;
        if (verdict is null || !ReferenceEquals(verdict.Cas, cas) || now < verdict.From || now >= verdict.Until)
            connection.Verdict = verdict = Verify(connection, cas, now);
        return verdict.Result;
    }

    private static CertificateVerdict Verify(ClientConnection connection, ClientCas cas, DateTimeOffset now)
    {
        X509Certificate2? leaf = null;
        try
        {
            leaf = X509CertificateLoader.LoadCertificate(connection.Certificate.Span);
            using var chain = new X509Chain();
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(cas.Certificates);
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
            chain.ChainPolicy.VerificationTime = now.LocalDateTime;
            foreach (var extra in connection.Chain)
                chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(extra.Span));
            if (!chain.Build(leaf))
                return new CertificateVerdict(cas, AuthenticationResult.Failure, now, now);
            return new CertificateVerdict(
                cas, UserOf(leaf), leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime().AddSeconds(1));
        }
        catch (CryptographicException)
        {
            return new CertificateVerdict(cas, AuthenticationResult.Failure, now, now);
        }
        finally
        {
            leaf?.Dispose();
        }
    }

    private static AuthenticationResult UserOf(X509Certificate2 leaf)
    {
        var name = "";
        var groups = ImmutableArray.CreateBuilder<string>();
        foreach (var part in leaf.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (part.HasMultipleElements)
                continue;
            switch (part.GetSingleElementType().Value)
            {
                case CommonName:
                    name = part.GetSingleElementValue() ?? "";
                    break;
                case Organization:
                    groups.Add(part.GetSingleElementValue() ?? "");
                    break;
            }
        }

        // A certificate without a common name says nothing about who it is: as if it had not been presented.
        if (name.Length == 0)
            return AuthenticationResult.None;
        return AuthenticationResult.Success(
            Identities.Authenticated(new UserInfo
            {
                Name = name,
                Groups = groups.ToImmutable(),
                Extra = CredentialId.OfCertificate(SHA256.HashData(leaf.RawDataMemory.Span)),
            }));
    }
}

/// <summary>What a certificate was found to be worth, by which CAs, and between which times that holds.</summary>
internal sealed record CertificateVerdict(
    ClientCas Cas, AuthenticationResult Result, DateTimeOffset From, DateTimeOffset Until);
