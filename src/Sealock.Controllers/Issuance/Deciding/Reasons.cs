// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>Reasons of conditions and events; cert-manager's, where it has them.</summary>
internal static class Reasons
{
    public const string DoesNotExist = "DoesNotExist";
    public const string MissingData = "MissingData";
    public const string InvalidKeyPair = "InvalidKeyPair";
    public const string InvalidCertificate = "InvalidCertificate";
    public const string SecretMismatch = "SecretMismatch";
    public const string IncorrectIssuer = "IncorrectIssuer";
    public const string IncorrectCertificate = "IncorrectCertificate";
    public const string RequestChanged = "RequestChanged";
    public const string Renewing = "Renewing";
    public const string Expired = "Expired";
    public const string WindowError = "WindowError";
    /// <summary>The certificate ends with its CA: a new one would end no later.</summary>
    public const string IssuerEnds = "IssuerEnds";

    /// <summary>An issuer's CA ends, and nothing has renewed it.</summary>
    public const string AuthorityEnds = "AuthorityEnds";

    /// <summary>Renewal was asked for, or suggested, too soon after the issue.</summary>
    public const string RenewalPostponed = "RenewalPostponed";

    /// <summary>A keystore that is wanted cannot be made.</summary>
    public const string KeystoreIncomplete = "KeystoreIncomplete";

    public const string Disabled = "Disabled";
    public const string Ready = "Ready";

    /// <summary>The issuer signs with another CA now.</summary>
    public const string AuthorityReplaced = "AuthorityReplaced";

    /// <summary>The certificate was revoked (<c>CertificateRevocation</c>).</summary>
    public const string Revoked = "Revoked";

    /// <summary>The specification asks for what nobody can issue.</summary>
    public const string InvalidSpecification = "InvalidSpecification";
}
