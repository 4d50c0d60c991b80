// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;

namespace Sealock.Tests.Support;

/// <summary>Everyone may do everything.</summary>
internal sealed class Everything : IAuthorizer
{
    public AccessDecision Authorize(in AccessQuestion question) => new(true, "");

    public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
}
