// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Bench.Measuring;

/// <summary>What processes have used: processor seconds since they began, and memory that is resident now.</summary>
internal readonly record struct Usage(double CpuSeconds, long ResidentBytes)
{
    /// <summary>Linux tells processor time in hundredths of a second, whatever the kernel's own clock.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>The sum over processes.</summary>
    public static Usage Of(IEnumerable<int> processes)
    {
        var (cpu, memory) = (0.0, 0L);
        foreach (var id in processes)
        {
            cpu += Cpu(id);
            memory += Resident(id);
        }

        return new Usage(cpu, memory);
    }

    /// <summary>Resident memory of one process, in bytes.</summary>
    public static long Resident(int id)
    {
        var line = File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(6).Trim(" \tkB"), CultureInfo.InvariantCulture);
    }

    private static double Cpu(int id)
    {
        // The program's name stands in brackets and may contain spaces: utime and stime are counted from behind it.
        var text = File.ReadAllText($"/proc/{id}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
