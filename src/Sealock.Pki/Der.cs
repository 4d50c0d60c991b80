// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Sealock.Pki;

/// <summary>Reading DER so that every malformation ends in one <see cref="PkiFormatException"/>.</summary>
internal static class Der
{
    public static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    public static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);
    public static readonly Asn1Tag Context2 = new(TagClass.ContextSpecific, 2);
    public static readonly Asn1Tag Context3 = new(TagClass.ContextSpecific, 3);

    /// <summary>Parses one DER value that fills <paramref name="der"/> completely.</summary>
    public static T Parse<T>(string what, ReadOnlyMemory<byte> der, Func<AsnReader, T> parse)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var value = parse(reader);
            if (reader.HasData)
                throw new PkiFormatException($"{what}: expected the DER value to end, but bytes follow it");
            return value;
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw new PkiFormatException($"expected {what} in DER: {e.Message}", e);
        }
    }

    /// <summary>The exceptions by which the BCL reports malformed input.</summary>
    public static bool IsMalformed(Exception e) =>
        e is AsnContentException or CryptographicException or ArgumentException or OverflowException
            or NotSupportedException or PlatformNotSupportedException;

    /// <summary>Builds one DER value.</summary>
    public static byte[] Write(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }

    /// <summary>RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime after, both without fractions.</summary>
    public static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.UtcDateTime.Year is >= 1950 and < 2050)
            writer.WriteUtcTime(time);
        else
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
    }

    /// <summary>Reads a Time (UTCTime or GeneralizedTime).</summary>
    public static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
            ? reader.ReadUtcTime(twoDigitYearMax: 2049)
            : reader.ReadGeneralizedTime();

    /// <summary>Drops fractions of a second, which certificates do not carry.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
