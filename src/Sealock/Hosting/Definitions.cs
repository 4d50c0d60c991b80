// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Definitions;
using Sealock.Api.Definitions.Plain;
using Sealock.Api.Security;
using Sealock.Controllers.Acme.Answering;
using Sealock.Controllers.Definitions;
using Sealock.Gateway;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Setup;
using Sealock.Gateway.Tokens;
using Sealock.Gateway.Users;

namespace Sealock.Hosting;

/// <summary>Every resource that a server serves, in the order in which discovery shows them.</summary>
internal static class Definitions
{
    private static readonly ImmutableArray<string> EncryptedPrefixes =
        [.. PlainDefinitions.All.Concat(CertificateDefinitions.All).Append(LocalUserPasswordDefinition.Value)
            .Where(definition => definition.Encrypted).Select(definition => definition.KeyPrefix)];

    public static ImmutableArray<ResourceDefinition> All(
        RbacAuthorizer authorizer, ITokenAuthenticator tokens, ITokenIssuer tokenIssuer, TokenRequestOptions tokenOptions,
        RevocationFeed revocations, ChallengeTable challenges, SetupState setup, LocalUsers users,
        Action<ObjectChange>? accounts = null) =>
    [
        .. PlainDefinitions.All.Select(definition => definition is { Group: "", Plural: "serviceaccounts" }
            ? definition with { Subresources = definition.Subresources.Add(TokenRequestSubresource.Create(tokenIssuer, tokenOptions)), Observe = accounts }
            : definition),
        .. CertificateDefinitions.All.Select(definition => RevocationFeed.Follows(definition)
            ? definition with { Observe = revocations.Take }
            : definition is { Group: "acme.cert-manager.io", Plural: "challenges" }
                ? definition with { Observe = change => Follow(challenges, change) }
                : definition),
        .. GatewayDefinitions.All(tokens).Select(definition =>
            definition.Group == RbacAuthorizer.ApiGroup && RbacAuthorizer.Follows(definition.Plural)
                ? definition with { Observe = change => Follow(authorizer, change) }
                : definition.Plural == ServerSetupDefinition.Plural ? definition with { Observe = setup.Take }
                : LocalUsers.Follows(definition) ? definition with { Observe = users.Take }
                : definition),
    ];

    /// <summary>Whether what is stored under a key is encrypted. Commands ask without a server's definitions.</summary>
    public static bool IsEncrypted(string key) => EncryptedPrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    private static void Follow(ChallengeTable challenges, ObjectChange change)
    {
        if (change.Object is { } present)
            challenges.Put(change.Namespace, change.Name, present);
        else
            challenges.Remove(change.Namespace, change.Name);
    }

    private static void Follow(RbacAuthorizer authorizer, ObjectChange change)
    {
        if (change.Object is { } present)
            authorizer.Put(change.Plural, present);
        else
            authorizer.Remove(change.Plural, change.Namespace, change.Name);
    }
}
