// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>Names of Orders and Challenges: always the same ones, so that nothing is made twice.</summary>
internal static class OrderNames
{
    private const int LongestName = 253;

    /// <summary>The Order of a request; of the n-th try, where the server lost the ones before.</summary>
    public static string Order(CertificateRequestObject request, int attempt) => Join(
        request.Metadata.Name, Number($"{request.Metadata.Uid}/{Convert.ToBase64String(SHA256.HashData(request.Spec.Request))}/{attempt}"));

    /// <summary>The Challenge of one of an Order's authorizations.</summary>
    public static string Challenge(string order, string authorizationUrl) => Join(order, Number(authorizationUrl));

    /// <summary>A number in decimal digits that belongs to a text.</summary>
    public static string Number(string text) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)))
        .ToString(CultureInfo.InvariantCulture);

    private static string Join(string name, string suffix) => name.Length + 1 + suffix.Length <= LongestName
        ? $"{name}-{suffix}"
        : $"{name[..(LongestName - 12 - suffix.Length)].TrimEnd('-', '.')}-{Number(name)}-{suffix}";
}
