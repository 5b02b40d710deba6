/** AWS's regions, for the menu: Slipher keeps its state by region, whichever it is. */
const REGIONS: Record<string, string> = {
  "us-east-1": "N. Virginia", "us-east-2": "Ohio", "us-west-1": "N. California", "us-west-2": "Oregon",
  "ap-south-1": "Mumbai", "ap-northeast-1": "Tokyo", "ap-northeast-2": "Seoul", "ap-southeast-1": "Singapore",
  "ap-southeast-2": "Sydney", "ca-central-1": "Canada", "eu-central-1": "Frankfurt", "eu-west-1": "Ireland",
  "eu-west-2": "London", "eu-west-3": "Paris", "eu-north-1": "Stockholm", "sa-east-1": "São Paulo",
};

export function regionName(region: string): string {
  return REGIONS[region] ?? region;
}

export function regionOptions(also: string): { value: string; label: string; description?: string }[] {
  return [...new Set([also, ...Object.keys(REGIONS)])].map((value) => ({ value, label: value, description: REGIONS[value] }));
}
