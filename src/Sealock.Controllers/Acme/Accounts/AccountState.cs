// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Accounts;

/// <summary>Whether what an issuer's status tells of its account is what is specified: pure.</summary>
internal static class AccountState
{
    /// <summary>Whether nothing has to be asked of the server.</summary>
    public static bool IsRegistered(IssuerView issuer, AcmeIssuerView acme, AcmeAccountStatusView status, string keyHash) =>
        issuer.IsReady
        && status.LastPrivateKeyHash == keyHash
        && status.LastRegisteredEmail == acme.Email
        && Uri.TryCreate(status.Uri, UriKind.Absolute, out var account)
        && Uri.TryCreate(acme.Server, UriKind.Absolute, out var server)
        && account.Authority == server.Authority;
}

/// <summary>Reasons of the Ready condition of ACME issuers, as cert-manager has them.</summary>
internal static class AccountReasons
{
    public const string Registered = "ACMEAccountRegistered";
    public const string RegistrationFailed = "ErrRegisterACMEAccount";
    public const string VerificationFailed = "ErrVerifyACMEAccount";
    public const string UpdateFailed = "ErrUpdateACMEAccount";
    public const string InvalidConfig = "InvalidConfig";

    public const string RegisteredMessage = "The ACME account was registered with the ACME server";
}
