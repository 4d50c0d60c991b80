// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Serving;

/// <summary>The Kubernetes version whose behaviour the server follows.</summary>
public static class ServerVersion
{
    /// <summary>Major version.</summary>
    public const string Major = "1";

    /// <summary>Minor version.</summary>
    public const string Minor = "35";

    /// <summary>The whole version, as clients show it.</summary>
    public const string Full = $"v{Major}.{Minor}.0+sealock";
}
