// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Definitions;

/// <summary>The usages that rules name (certificates.k8s.io KeyUsage).</summary>
internal static class KeyUsageNames
{
    public const string DigitalSignature = "digital signature";
    public const string KeyEncipherment = "key encipherment";
    public const string ClientAuth = "client auth";
    public const string ServerAuth = "server auth";
}
